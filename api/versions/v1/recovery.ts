// Dead letters, circuit breakers and figures as version 1 shows them.
import type { Breaker } from '../../../shared/breakers/contract.ts'
import type { DlqEntry } from '../../../shared/dlq/contract.ts'
import type { Overview } from '../../../shared/metrics/contract.ts'
import type { Names } from '../names.ts'
import { errorOf, stateOf } from './jobs.ts'
import { msOf } from './words.ts'

export const deadLetterOf = (entry: DlqEntry): unknown => ({
  dlqId: entry.id,
  taskId: entry.task_id,
  queue: entry.queue,
  name: entry.name,
  reason: entry.reason,
  error: errorOf(entry.error),
  attempts: entry.attempts_made,
  ...('data' in entry ? { data: entry.data } : {}),
  tags: entry.tags,
  createdAt: msOf(entry.created_at),
  failedAt: msOf(entry.added_at),
})

/** What is said of a dead letter that lives again. */
export const resubmitNames: Names = { data: 'data_patch', delay: 'delay_ms', resetAttempts: 'reset_attempts' }

export const resubmittedOf = (made: { task_id: string; queue: string; state: string; dlq_id: string }): unknown => ({
  dlqId: made.dlq_id,
  taskId: made.task_id,
  queue: made.queue,
  state: stateOf(made.state),
})

/** Version 1 knows three states. Those that people hold by hand are told by what they do to calls. */
const STATES: Readonly<Record<string, 'CLOSED' | 'OPEN' | 'HALF_OPEN'>> = {
  closed: 'CLOSED',
  open: 'OPEN',
  half_open: 'HALF_OPEN',
  forced_open: 'OPEN',
  forced_closed: 'CLOSED',
  disabled: 'CLOSED',
}

export const breakerOf = (breaker: Breaker): unknown => ({
  service: breaker.service,
  state: STATES[breaker.state] ?? 'CLOSED',
  failureRate: breaker.failure_rate,
  calls: breaker.calls,
  failures: breaker.failures,
  rejected: breaker.rejected,
  openedAt: msOf(breaker.opened_at),
  nextAttemptAt: msOf(breaker.next_attempt_at),
})

export const metricsOf = ({ at, vitals, ...overview }: Overview): unknown => ({
  at: msOf(at),
  finishedPerMinute: vitals.finished_per_min.value,
  firstTrySuccessRate: vitals.first_try_ok.value,
  waitP95: vitals.wait_p95_ms.value,
  runP95: vitals.run_p95_ms.value,
  waiting: vitals.waiting.value,
  active: vitals.running.value,
  deadLetters: overview.dead_letters,
  openBreakers: overview.breakers_not_closed,
})
