// A run must be told by what became of it, however it is marked.
import { expect, test } from 'vitest'
import { chipOf, detailWords, lateMs, markOf, recentWords, runWords, skipWords } from './runs.ts'
import { lateRun, runOf, skippedRun } from './testing.ts'

const overlapped = skippedRun(4, 'overlap')
const missed = skippedRun(5, 'missed', 1_200)

test.each([
  [runOf(1), 'ran'],
  [lateRun(1, 45_000), 'late'],
  [{ ...lateRun(1, 45_000), status: 'failed' as const }, 'failed'],
  [runOf(1, { status: 'cancelled' }), 'cancelled'],
  [runOf(1, { status: 'running' }), 'running'],
  [runOf(1, { status: 'triggered' }), 'waiting'],
  [runOf(1, { status: 'waiting', triggered_at: null }), 'waiting'],
  [overlapped, 'skipped'],
])('%# has its mark', (run, mark) => {
  expect(markOf(run)).toBe(mark)
  expect(chipOf(run)).toBe(mark === 'ran' ? 'on_time' : mark)
})

test('a job that was put off by spread is late only after that', () => {
  const run = lateRun(1, 62_000)
  expect(lateMs({ ...run, planned_at: new Date(Date.parse(run.scheduled_for) + 60_000).toISOString() })).toBe(2_000)
  expect(lateMs({ ...run, planned_at: null })).toBe(62_000)
  expect(lateMs(overlapped)).toBeUndefined()
})

test('a run is told with its lateness, and one that was skipped with its reason', () => {
  expect(runWords(runOf(2), 'UTC')).toBe('22 Nov 2026, 09:58:00 ran on time, 40 ms late')
  expect(runWords(overlapped, 'UTC')).toBe('22 Nov 2026, 09:56:00 skipped, the job of an earlier time had not ended')
  expect(skipWords(missed)).toBe('1,200 times: nobody could carry it out in time')
  expect(skipWords({ ...missed, slots: 1, skipped: 'invalid', detail: 'no such kind' })).toBe(
    'its job could not be made: no such kind',
  )
})

test('what there is to say of one is its error, who started it, or how long it took', () => {
  const error = { name: 'SMTPError', message: 'Greylisted', class: 'transient' as const }
  expect(detailWords(runOf(1, { status: 'failed', error }))).toBe('SMTPError: Greylisted')
  expect(detailWords(runOf(1, { source: 'manual', actor: 'Ada', reason: 'A test' }))).toBe('Started by Ada: A test')
  expect(detailWords(runOf(1, { source: 'event', event_id: 'evt_1' }))).toBe('Set off by event evt_1')
  expect(detailWords(overlapped)).toBe('The job of an earlier time had not ended')
  expect(detailWords(runOf(1))).toBe('Took 1.0 s')
  expect(detailWords(runOf(1, { status: 'running', duration_ms: null }))).toBe('')
})

test('some runs are summed up, the rest of them named', () => {
  expect(recentWords([runOf(3), lateRun(2, 60_000), missed])).toBe('1 of 3 on time, 1 late, 1 skipped')
  expect(recentWords([])).toBe('It has not run yet')
})
