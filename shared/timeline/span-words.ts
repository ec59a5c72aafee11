// From facts to spans: what the live timeline draws the moment a fact is told. Servers and pages read facts by it.
import type { SpanRow, SpanState } from './contract.ts'
import { priorityBin } from './priority-words.ts'

const states: Readonly<Record<string, SpanState>> = {
  'job.active': 'running',
  'job.completed': 'completed',
  'job.failed': 'failed',
  'error_recovery.retry_attempt': 'retrying',
}

interface Told {
  task_id: string
  queue: string
  name: string | null
  attempt: number
  priority?: number
  wait_ms?: number
  started_at: string | null
  finished_at?: string
  duration_ms?: number
  delay_ms?: number
  worker_id: string | null
}

/** A fact as it is told; `at` in epoch ms. */
interface Fact {
  name: string
  at: number
  value: Readonly<Record<string, unknown>>
}

/** The span a fact speaks of, or undefined when it speaks of none. */
export const toSpanRow = ({ name, at, value }: Fact): SpanRow | undefined => {
  const state = states[name]
  if (!state) return undefined
  const told = value as unknown as Told
  const start = told.started_at === null ? at : Date.parse(told.started_at)
  const end = told.finished_at === undefined ? at : Date.parse(told.finished_at)
  return {
    queue: told.queue,
    id: told.task_id.slice(told.queue.length + 1),
    name: told.name ?? 'unknown',
    worker: told.worker_id ?? '',
    start,
    wait: told.wait_ms ?? 0,
    run: state === 'running' ? -1 : Math.max(0, end - start),
    state,
    priority: priorityBin(told.priority ?? 0),
    attempt: told.attempt,
    backoff: state === 'retrying' ? (told.delay_ms ?? 0) : 0,
  }
}
