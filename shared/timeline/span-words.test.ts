// A fact becomes the span the timeline draws, the same span the stored one will be.
import { expect, test } from 'vitest'
import type { TailEntry } from '../stream/tail.ts'
import { toSpanRow } from './span-words.ts'

const AT = Date.UTC(2026, 10, 22, 11)
const told = (name: string, value: Record<string, unknown>): TailEntry => ({
  id: '1-0',
  name,
  at: AT,
  data: '',
  live: '',
  json: '',
  value: { task_id: 'mail:t_1', queue: 'mail', name: 'mail.send', attempt: 2, worker_id: 'w_1', ...value },
})
const ran = { started_at: new Date(AT - 900).toISOString(), finished_at: new Date(AT - 100).toISOString() }

test('a run that began is open', () => {
  expect(toSpanRow(told('job.active', { ...ran, finished_at: undefined, wait_ms: 40, priority: 5 }))).toEqual({
    queue: 'mail',
    id: 't_1',
    name: 'mail.send',
    worker: 'w_1',
    start: AT - 900,
    wait: 40,
    run: -1,
    state: 'running',
    priority: 3,
    attempt: 2,
    backoff: 0, // prettier-ignore
  })
})

test.each([
  ['job.completed', 'completed', 0],
  ['job.failed', 'failed', 0],
  ['error_recovery.retry_attempt', 'retrying', 5_000],
])('%s ends it as %s', (name, state, backoff) => {
  expect(toSpanRow(told(name, { ...ran, delay_ms: 5_000 }))).toMatchObject({ run: 800, state, backoff, wait: 0 })
})

test('what is not known of a job of another service is told as absent, and never runs backwards', () => {
  const row = toSpanRow(
    told('job.failed', { name: null, worker_id: null, started_at: null, finished_at: '2020-01-01' }),
  )
  expect(row).toMatchObject({ name: 'unknown', worker: '', start: AT, run: 0, priority: 1 })
})

test('other facts draw nothing', () => {
  expect(toSpanRow(told('queue.paused', {}))).toBeUndefined()
})
