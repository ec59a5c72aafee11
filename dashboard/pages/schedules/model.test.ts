// What is said of a schedule must be so: whether it fires, when, and what keeps it from doing so.
import { expect, test } from 'vitest'
import type { Schedule } from '../../../shared/schedules/contract.ts'
import {
  departsAt,
  filterIn,
  isNarrowed,
  needsSeconds,
  readWall,
  standingLine,
  standingOf,
  summaryWords,
} from './model.ts'
import { NOW, iso, scheduleOf } from './testing.ts'

const paused = { by: 'Ada', at: iso(NOW), reason: 'The ledger is moved.', until: null }

test.each<[string, Partial<Schedule>, string, string]>([
  ['one that fires', {}, 'scheduled', 'It fires at 09:00 (Europe/Berlin). The next time is in 5 min.'],
  [
    'one whose time has come',
    { next_run_at: iso(NOW - 400) },
    'scheduled',
    'It fires at 09:00 (Europe/Berlin). The next time is now.',
  ],
  [
    'one that has no time left',
    { next_run_at: null },
    'ended',
    'It has ended: no time is left. It fired at 09:00 (Europe/Berlin).',
  ],
  [
    'one that somebody paused',
    { paused },
    'paused',
    'Paused by Ada: The ledger is moved. It does not fire until somebody resumes it. It fires at 09:00 (Europe/Berlin).',
  ],
  [
    'one that is paused for a time',
    { paused: { ...paused, reason: null, until: iso(NOW + 3_600_000) } },
    'paused',
    'Paused by Ada. It does not fire until 11:00:00. It fires at 09:00 (Europe/Berlin).',
  ],
  [
    'one that code dropped',
    { orphaned_at: iso(NOW), next_run_at: null, paused },
    'orphaned',
    'Code declares it no more, so it does not fire. It fired at 09:00 (Europe/Berlin).',
  ],
])('%s', (_, over, standing, line) => {
  expect(standingOf(scheduleOf(over))).toBe(standing)
  expect(standingLine(scheduleOf(over), NOW, 'UTC')).toBe(line)
})

test('one that waits for events has not ended for want of a time', () => {
  const trigger = { type: 'event', event: 'job.failed', filter: [], key: null, debounce_ms: null, throttle_ms: null } as const // prettier-ignore
  expect(standingOf(scheduleOf({ trigger: { ...trigger, filter: [] }, next_run_at: null }))).toBe('listening')
})

test.each([
  ['2026-03-29T03:30:00.000+02:00', { day: 'Sun 29 Mar 2026', clock: '03:30', offset: '+02:00' }],
  ['2026-11-22T10:00:05.000Z', { day: 'Sun 22 Nov 2026', clock: '10:00:05', offset: 'UTC' }],
])('the wall clock %s is shown as it was told', (local, wall) => {
  expect(readWall(local)).toEqual(wall)
})

test('a departure of another day says so', () => {
  expect(departsAt(iso(NOW + 3_600_000), NOW, 'UTC')).toEqual({ clock: '11:00', day: '' })
  expect(departsAt(iso(NOW + 50_000_500), NOW, 'UTC')).toEqual({ clock: '23:53:20', day: '' })
  expect(departsAt(iso(NOW + 3_600_000), NOW, 'UTC', needsSeconds([iso(NOW), iso(NOW + 500)])).clock).toBe('11:00')
  expect(departsAt(iso(NOW + 3_600_000), NOW, 'UTC', needsSeconds([iso(NOW), iso(NOW + 5_000)])).clock).toBe('11:00:00')
  expect(departsAt(iso(NOW + 86_400_000), NOW, 'UTC')).toEqual({ clock: '10:00', day: '23 Nov' })
})

test('a filter is what the link says, but for words that nobody knows', () => {
  const param = (name: string) => ({ q: ' mail ', enabled: 'maybe', origin: 'code' })[name]
  expect(filterIn(param)).toEqual({ q: 'mail', enabled: '', origin: 'code', queue: '', tag: '' })
  expect(isNarrowed(filterIn(param))).toBe(true)
  expect(isNarrowed(filterIn(() => undefined))).toBe(false)
})

test('the line above the list counts those that are paused', () => {
  expect(summaryWords([scheduleOf(), scheduleOf({ paused })], true)).toBe('2 schedules so far, 1 of them paused.')
  expect(summaryWords([scheduleOf()], false)).toBe('1 schedule.')
})
