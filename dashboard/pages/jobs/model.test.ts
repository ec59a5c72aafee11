// The filter must say back what it was told, and the line under it must not promise more than was searched.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addedIn,
  choicesOf,
  completions,
  parts,
  queryOf,
  readFilter,
  searchedLine,
  whereOf,
  withKey,
  writeFilter,
} from './model.ts'

test('what is written is read back the same', () => {
  const value = fc.stringMatching(/^[\w.-]+( [\w.-]+)?$/)
  const filter = fc.record({
    state: fc.subarray(['failed', 'active']),
    queue: fc.array(value, { maxLength: 2 }),
    name: fc.array(value, { maxLength: 2 }),
    tag: fc.array(value, { maxLength: 2 }),
    service: fc.array(value, { maxLength: 2 }),
    error: fc.subarray(['timeout']),
    age: fc.subarray(['>1h', '<10min']),
    data: fc.subarray(['customer.id:42', 'to:"two words"']),
    text: fc.stringMatching(/^[\w.-]+$/),
    unknown: fc.constant<string[]>([]),
  })
  fc.assert(
    fc.property(filter, (given) => {
      expect(readFilter(writeFilter(given))).toEqual(given)
    }),
    { numRuns: 200 },
  )
})

test('states and classes there are none of are told, other prefixes are text', () => {
  expect(readFilter('state:moon queue:mail a:b x')).toEqual({
    state: [],
    queue: ['mail'],
    name: [],
    tag: [],
    service: [],
    error: [],
    age: [],
    data: [],
    text: 'a:b x',
    unknown: ['state:moon'],
  })
})

test('the query carries only what was asked', () => {
  expect(queryOf(readFilter(''), 50)).toEqual({ limit: 50 })
  expect(
    queryOf(readFilter('state:failed queue:a queue:b-* tag:vip service:smtp error:timeout boom'), 50, 'c1'),
  ).toEqual({
    limit: 50,
    state: ['failed'],
    queue: ['a', 'b-*'],
    tag: ['vip'],
    service: ['smtp'],
    error_class: ['timeout'],
    q: 'boom',
    cursor: 'c1',
  })
})

test('one key can be set and cleared without touching the rest', () => {
  expect(withKey('state:failed boom', 'state', 'active')).toBe('state:active boom')
  expect(withKey('state:failed boom', 'state', '')).toBe('boom')
  expect(parts('state:failed boom')).toEqual([
    { word: 'state:failed', without: 'boom' },
    { word: 'boom', without: 'state:failed' },
  ])
})

test('the line says how far was looked', () => {
  expect(searchedLine(1, { searched: 412_000, complete: true }, false)).toBe(
    '1 job, newest first. All 412,000 were searched.',
  )
  expect(searchedLine(1, { searched: 2, complete: true, since: '2026-11-29T10:00:00.000Z' }, false)).toBe(
    '1 job, newest first. All 2 that k1n saw being made were searched.',
  )
  expect(searchedLine(50, { searched: 100_000, complete: false }, true)).toBe(
    '50 jobs so far among the newest 100,000. Older ones were not searched yet.',
  )
  expect(searchedLine(50, { searched: 50, complete: true }, true)).toBe('50 jobs so far, newest first.')
  expect(searchedLine(0, undefined, false)).toBe('0 jobs, newest first.')
})

test('ages and members of payloads are asked for', () => {
  const now = Date.UTC(2026, 10, 22, 11)
  const filter = readFilter('state:failed age>1h data.customer.id:42 data.to:"two words" age>soon')
  expect(filter).toMatchObject({ age: ['>1h'], data: ['customer.id:42', 'to:"two words"'], unknown: ['age>soon'] })
  expect(addedIn(filter, now)).toEqual({ lt: '2026-11-22T10:00:00.000Z' })
  expect(queryOf(readFilter('age<10min'), 50, undefined, now)).toEqual({
    limit: 50,
    'created_at[gte]': '2026-11-22T10:50:00.000Z',
  })
  expect(whereOf(filter, now)).toEqual({
    and: [
      { field: 'state', op: 'in', value: ['failed'] },
      { field: 'created_at', op: 'lt', value: '2026-11-22T10:00:00.000Z' },
      { field: 'data.customer.id', op: 'eq', value: 42 },
      { field: 'data.to', op: 'eq', value: 'two words' },
    ],
  })
})

test('the word that is typed last is completed', () => {
  expect(completions('state:fa', [])).toEqual(['state:failed'])
  expect(completions('boom queue:m', ['mail', 'my mails', 'bills'])).toEqual(['boom queue:mail'])
  expect(completions('', ['mail'])).toEqual([])
})

test('a choice says what the filter names, also when that is several or not there', () => {
  const all = ['bills', 'mail'].map((value) => ({ value, label: value }))
  const said = (chosen: string[]) => {
    const { options, selected } = choicesOf(all, chosen)
    return options.find(({ value }) => value === selected)?.label
  }
  expect([said([]), said(['mail']), said(['bills', 'mail']), said(['gone'])]).toEqual([
    'Any',
    'mail',
    '2 of them',
    'gone',
  ])
  expect(choicesOf(all, ['mail']).options.map(({ label }) => label)).toEqual(['Any', 'bills', 'mail'])
})
