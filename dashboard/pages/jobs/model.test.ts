// The filter must say back what it was told, and the line under it must not promise more than was searched.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Job } from '../../../shared/jobs/contract.ts'
import { applyEvent, parts, queryOf, readFilter, searchedLine, shownState, withKey, writeFilter } from './model.ts'

test('what is written is read back the same', () => {
  const value = fc.stringMatching(/^[\w.-]+( [\w.-]+)?$/)
  const filter = fc.record({
    state: fc.subarray(['failed', 'active']),
    queue: fc.array(value, { maxLength: 2 }),
    name: fc.array(value, { maxLength: 2 }),
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
    error: [],
    text: 'a:b x',
    unknown: ['state:moon'],
  })
})

test('the query carries only what was asked', () => {
  expect(queryOf(readFilter(''), 50)).toEqual({ limit: 50 })
  expect(queryOf(readFilter('state:failed queue:a queue:b error:timeout boom'), 50, 'c1')).toEqual({
    limit: 50,
    state: ['failed'],
    queue: ['a', 'b'],
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
  expect(searchedLine(0, undefined, false)).toBe('0 jobs, newest first.')
})

test('a job that waits for its next try is retrying, one that died is a dead letter', () => {
  expect(shownState({ state: 'delayed', attempts_made: 2, dlq_id: null })).toBe('retrying')
  expect(shownState({ state: 'delayed', attempts_made: 0, dlq_id: null })).toBe('delayed')
  expect(shownState({ state: 'failed', attempts_made: 5, dlq_id: 'mail:1~x' })).toBe('dead')
})

test('an event changes its row and no other', () => {
  const rows = [
    { id: 'mail:1', state: 'waiting' },
    { id: 'mail:2', state: 'waiting' },
  ] as Job[]
  expect(applyEvent(rows, { task_id: 'mail:2', state: 'active' })?.map((row) => row.state)).toEqual([
    'waiting',
    'active',
  ])
  expect(applyEvent(rows, { task_id: 'mail:9', state: 'active' })).toBeUndefined()
  expect(applyEvent(rows, { task_id: 'mail:1', state: 'waiting' })).toBeUndefined()
})
