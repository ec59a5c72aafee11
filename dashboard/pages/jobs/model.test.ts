// The filter must say back what it was told, and the line under it must not promise more than was searched.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parts, queryOf, readFilter, searchedLine, withKey, writeFilter } from './model.ts'

test('what is written is read back the same', () => {
  const value = fc.stringMatching(/^[\w.-]+( [\w.-]+)?$/)
  const filter = fc.record({
    state: fc.subarray(['failed', 'active']),
    queue: fc.array(value, { maxLength: 2 }),
    name: fc.array(value, { maxLength: 2 }),
    tag: fc.array(value, { maxLength: 2 }),
    service: fc.array(value, { maxLength: 2 }),
    error: fc.subarray(['timeout']),
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
  expect(searchedLine(50, { searched: 100_000, complete: false }, true)).toBe(
    '50 jobs so far among the newest 100,000. Older ones were not searched yet.',
  )
  expect(searchedLine(50, { searched: 50, complete: true }, true)).toBe('50 jobs so far, newest first.')
  expect(searchedLine(0, undefined, false)).toBe('0 jobs, newest first.')
})
