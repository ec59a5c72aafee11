// Filters on facts: names with wildcards, and conditions on data.
import { describe, expect, test } from 'vitest'
import { DataFilter, EventPattern, matchesData, memberAt } from './data-filter.ts'
import { matchesName } from './name-words.ts'

const data = { queue: 'emails', attempt: 3, error: { code: 'E5' }, at: '2026-05-01T00:00:00.000Z', tags: ['a', 'b'] }
const when = (path: string, op: string, value: unknown): boolean =>
  matchesData(DataFilter.parse([{ path, op, value }]), data)

describe('names', () => {
  test.each([
    ['*', 'job.failed', true],
    ['job.*', 'job.failed', true],
    ['job.failed', 'job.failed', true],
    ['job.*', 'jobs.failed', false],
    ['job.*', 'job', false],
    ['job.failed', 'job.failed_hard', false],
  ])('%s takes %s: %s', (pattern, name, taken) => {
    expect(matchesName(EventPattern.parse(pattern), name)).toBe(taken)
  })

  test.each(['', 'job.', '*.failed', 'job.*.x', 'Job', 'a b', '.*'])('%j is refused', (pattern) => {
    expect(EventPattern.safeParse(pattern).success).toBe(false)
  })
})

describe('data', () => {
  test.each([
    ['queue', 'eq', 'emails', true],
    ['queue', 'eq', 'email', false],
    ['attempt', 'eq', '3', false],
    ['queue', 'ne', 'other', true],
    ['missing', 'ne', 'x', true],
    ['missing', 'eq', 'x', false],
    ['error.code', 'in', ['E4', 'E5'], true],
    ['error.code', 'prefix', 'E', true],
    ['attempt', 'prefix', '3', false],
    ['attempt', 'gt', 2, true],
    ['attempt', 'lt', 3, false],
    ['attempt', 'gt', '2', false],
    ['at', 'gt', '2026-04-30T00:00:00.000Z', true],
    ['tags.1', 'eq', 'b', true],
  ])('%s %s %j: %s', (path, op, value, holds) => {
    expect(when(path, op, value)).toBe(holds)
  })

  test('nothing is asked of no conditions, and all of several', () => {
    expect(matchesData([], undefined)).toBe(true)
    const both = DataFilter.parse([
      { path: 'queue', op: 'eq', value: 'emails' },
      { path: 'attempt', op: 'gt', value: 5 },
    ])
    expect(matchesData(both, data)).toBe(false)
  })

  test('what objects inherit is not there', () => {
    expect(memberAt(data, 'constructor.name')).toBe(undefined)
    expect(memberAt(data, '__proto__')).toBe(undefined)
  })
})
