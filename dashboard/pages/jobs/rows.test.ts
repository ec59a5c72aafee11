// A row must stay true after it was fetched: by the clock, and by what the stream tells.
import { expect, test } from 'vitest'
import type { Job } from '../../../shared/jobs/contract.ts'
import { readFilter } from './model.ts'
import { applyEvent, attemptOf, mayFit, shownState, tellsAll, whyWords } from './rows.ts'

const NOW = Date.UTC(2026, 10, 22, 11)
const iso = (at: number): string => new Date(at).toISOString()
const job = (given: Partial<Job>): Job =>
  ({ id: 'mail:1', state: 'waiting', attempts_made: 0, attempts_max: 3, why: 'As the API said.', ...given }) as Job

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

test('the attempt that runs counts', () => {
  expect(attemptOf(job({ state: 'active', attempts_made: 1 }))).toBe(2)
  expect(attemptOf(job({ state: 'completed', attempts_made: 1 }))).toBe(1)
})

test('what has a time in it goes on with the clock', () => {
  const active = job({ state: 'active', processed_at: iso(NOW - 2_400), worker_id: 'w_1' })
  expect(whyWords(active, NOW)).toBe('Attempt 1 of 3 runs for 2.4 s on w_1.')
  expect(whyWords(active, NOW + 60_000)).toBe('Attempt 1 of 3 runs for 1 min 2 s on w_1.')
  expect(whyWords(active, NOW - 3_000)).toBe('Attempt 1 of 3 runs for 0 ms on w_1.')
  const delayed = job({ state: 'delayed', run_at: iso(NOW + 12_000) })
  expect(whyWords(delayed, NOW)).toBe('Waits for its time; it runs in 12 s.')
  expect(whyWords(delayed, NOW + 13_000)).toBe('Waits for its time; it runs as soon as a worker is free.')
  expect(whyWords(job({}), NOW)).toBe('As the API said.')
})

test('a row that completes on screen says its attempt and how long it took, not what it said before', () => {
  const rows = [job({ state: 'active', processed_at: iso(NOW) })]
  const data = { task_id: 'mail:1', state: 'completed', attempt: 2, started_at: iso(NOW), finished_at: iso(NOW + 700) }
  const [row] = applyEvent(rows, data) ?? []
  expect(row && [attemptOf(row), whyWords(row, NOW)]).toEqual([2, 'Completed at attempt 2 of 3 in 700 ms.'])
  expect(tellsAll('completed') && !tellsAll('failed')).toBe(true)
})

test('a new job is announced where it fits the filter, and nowhere else', () => {
  const added = { task_id: 'mail:9', state: 'waiting', queue: 'mail', name: 'send' }
  expect(mayFit(readFilter(''), added)).toBe(true)
  expect(mayFit(readFilter('queue:mail name:send'), added)).toBe(true)
  expect(mayFit(readFilter('queue:billing'), added)).toBe(false)
  expect(mayFit(readFilter('state:failed'), added)).toBe(false)
  expect(mayFit(readFilter('state:failed'), { ...added, state: 'failed' })).toBe(true)
})
