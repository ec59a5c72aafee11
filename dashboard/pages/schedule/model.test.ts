// A schedule's page must show what operators changed beside what code says, and its runs in order.
import { expect, test } from 'vitest'
import { NOW, iso, lateRun, runOf, scheduleOf, skippedRun } from '../schedules/testing.ts'
import { circleOf, differencesOf, dotsOf, factsOf, historyWords, keptBy, readPayload } from './model.ts'

const missed = skippedRun(30, 'missed', 2)

test('runs stand in the order of their times, the later they started the higher', () => {
  const runs = [runOf(1), lateRun(2, 9_000), lateRun(3, 90_000), missed]
  expect(dotsOf(runs).map(({ x, lane, mark }) => [x.toFixed(2), lane, mark])).toEqual([
    ['0.00', 3, 'skipped'],
    ['0.33', 0, 'late'],
    ['0.67', 2, 'ran'],
    ['1.00', 3, 'ran'],
  ])
  expect(dotsOf([runOf(1)])[0]?.x).toBe(0)
  expect(historyWords(runs, 'UTC')).toBe('2 of 4 ran on time since 22 Nov 2026, 09:30:00; 1 ran late, 1 skipped.')
})

test('what was changed stands beside what code says', () => {
  const { trigger } = scheduleOf()
  const declared = { ...scheduleOf(), queue: 'mail', data: {}, trigger, grace_ms: 30_000, tags: [] }
  const changed = scheduleOf({ origin: 'code', declared, changed: ['grace_ms', 'max_runs', 'data'] })
  expect(differencesOf(changed).map(({ label, code, now }) => [label, code, now])).toEqual([
    ['grace', '30 s', '1 min'],
    ['runs at most', 'none', 'none'],
    ['payload', '{}', '{"to":"ada@example.org"}'],
  ])
})

test('a circle is told by its newest time and the way it came', () => {
  expect(circleOf([runOf(1), missed])).toBeUndefined()
  const run = (minute: number, detail: string) => ({ ...skippedRun(minute, 'circle'), detail })
  const newest = run(5, 'digest → mail → digest')
  expect(circleOf([runOf(1), newest, run(9, 'other')])).toEqual({
    at: newest.scheduled_for,
    way: 'digest → mail → digest',
  })
})

test('settings that say nothing are left out', () => {
  const labels = (over = {}) => factsOf(scheduleOf(over)).map(({ label }) => label)
  expect(labels()).toEqual(['Job', 'Queue', 'Overlap', 'Missed times', 'Runs'])
  expect(labels({ jitter_ms: 1_000, end_at: iso(NOW), skipped_count: 3, tags: ['a'] })).toEqual([
    ...['Job', 'Queue', 'Overlap', 'Missed times', 'Jitter', 'Until', 'Runs', 'Skipped', 'Tags'],
  ])
  const hears = (queues: string[], outside: boolean) => factsOf(scheduleOf({ hears: { queues, outside } })).find(({ label }) => label === 'Hears of')?.value // prettier-ignore
  expect(hears(['mail', 'bills-*'], false)).toBe('facts of mail, bills-*')
  expect(hears(['*'], true)).toBe('facts of all queues, and events from outside')
  expect(factsOf(scheduleOf({ run_count: 3, max_runs: 10 })).find(({ label }) => label === 'Runs')?.value).toBe('3 of 10') // prettier-ignore
})

test('a payload is an object or nothing, and what code declares is not deleted', () => {
  expect(readPayload(' ')).toEqual({ data: undefined })
  expect(readPayload('{"a": 1}')).toEqual({ data: { a: 1 } })
  expect(readPayload('[1]')).toHaveProperty('error')
  expect(readPayload('{')).toHaveProperty('error')
  expect(keptBy({ origin: 'code', orphaned_at: null })).toBe('Code declares it: pause it instead')
  expect(keptBy({ origin: 'code', orphaned_at: iso(NOW) })).toBeUndefined()
  expect(keptBy({ origin: 'api', orphaned_at: null })).toBeUndefined()
})
