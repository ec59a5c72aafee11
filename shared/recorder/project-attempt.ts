// From what our own attempts tell to facts: a failed attempt that will be tried again, and the history of all that failed.
import type { AttemptFact } from '../attempts/facts.ts'
import type { Attempt } from '../attempts/contract.ts'
import { attemptField } from '../attempts/history-key.ts'
import { toIso } from '../kernel/clock.ts'
import { countsOfRetry } from '../metrics/retry-counts.ts'
import { RetryAttempt } from '../retries/contract.ts'
import { priorityBin } from '../timeline/priority-words.ts'
import type { SpanRow, SpanState } from '../timeline/contract.ts'
import type { JobMemory } from './memory.ts'
import type { Writes } from './writes.ts'

const spanStates: Partial<Record<AttemptFact['outcome'], SpanState>> = {
  retrying: 'retrying',
  snoozed: 'held',
  stalled: 'stalled',
}

const toAttempt = (fact: AttemptFact): Attempt => ({
  attempt: fact.attempt,
  started_at: toIso(fact.started_at),
  finished_at: toIso(fact.finished_at),
  duration_ms: fact.finished_at - fact.started_at,
  outcome: fact.outcome,
  delay_ms: fact.delay_ms,
  ...(fact.error ? { error: fact.error } : {}),
  ...(fact.outcome === 'snoozed' && fact.reason !== undefined ? { reason: fact.reason } : {}),
  worker_id: fact.worker_id,
  inferred: false,
})

const toSpan = (fact: AttemptFact, state: SpanState): SpanRow => ({
  queue: fact.queue,
  id: fact.id,
  name: fact.name,
  worker: fact.worker_id,
  start: fact.started_at,
  wait: fact.wait_ms,
  run: fact.finished_at - fact.started_at,
  state,
  priority: priorityBin(fact.priority),
  attempt: fact.attempt,
  backoff: fact.delay_ms,
})

const retried = (fact: AttemptFact, address: string) => ({
  task_id: address,
  queue: fact.queue,
  name: fact.name,
  attempt: fact.attempt,
  max_attempts: fact.max_attempts,
  strategy: fact.strategy,
  delay_ms: fact.delay_ms,
  next_retry_at: toIso(fact.finished_at + fact.delay_ms),
  error: withoutStack(fact.error),
  will_retry: true,
  worker_id: fact.worker_id,
  priority: fact.priority,
  wait_ms: fact.wait_ms,
  started_at: toIso(fact.started_at),
  finished_at: toIso(fact.finished_at),
})

const countsOf = (fact: AttemptFact) =>
  countsOfRetry({
    attempt: fact.attempt,
    errorClass: fact.error?.class ?? 'unknown',
    ranMs: fact.finished_at - fact.started_at,
    strategy: fact.strategy,
    delayMs: fact.delay_ms,
  })

/** Errors travel in facts without their traces: those are long and stay in the history. */
export const withoutStack = (error: AttemptFact['error']) => {
  const { stack: _stack, ...rest } = error ?? { name: 'Error', message: '', class: 'unknown' as const }
  return rest
}

/** Collects what one told attempt comes to. A fact that was read before changes nothing. */
export const projectAttempt = (fact: AttemptFact, writes: Writes, memory: JobMemory): void => {
  const address = `${fact.queue}:${fact.id}`
  const remembered = memory.of(fact.queue, fact.id)
  remembered.error = fact.error
  remembered.eligibleAt = fact.finished_at + fact.delay_ms
  writes.attempt(address, attemptField(fact.attempt, fact.started_at), toAttempt(fact), () => {
    const state = spanStates[fact.outcome]
    if (state) writes.span(toSpan(fact, state))
    if (fact.outcome !== 'retrying') return
    writes.ops.fact(RetryAttempt, fact.finished_at, retried(fact, address))
    writes.count(fact.queue, 'retried', fact.finished_at)
    writes.retries(fact.queue, fact.finished_at, countsOf(fact))
  })
}
