// Attempts of workers that are not ours: BullMQ's streams do not tell them, but the job's hash keeps enough to infer them.
import type { Attempt } from '../attempts/contract.ts'
import type { RawJob } from '../bullmq/bullmq.ts'
import { toIso } from '../kernel/clock.ts'
import type { JobError } from '../jobs/words.ts'
import { attemptField } from '../attempts/history-key.ts'
import { withoutStack } from './project-attempt.ts'
import { countsOfRetry } from '../metrics/retry-counts.ts'
import { RetryAttempt } from '../retries/contract.ts'
import type { Writes } from './writes.ts'

/** Our workers' names begin so; their attempts tell themselves. */
export const isOurs = (job: RawJob): boolean => job.processedBy?.startsWith('w_') ?? false

/** Reads an error's name and message from the first line of a trace such as `TypeError: x is not a function`. */
export const errorOf = (reason: string, trace: string | undefined): JobError => {
  const [first = ''] = (trace ?? '').split('\n')
  const named = /^([A-Za-z_$][\w$.]{0,60}): (.*)$/.exec(first)
  return {
    name: named?.[1] ?? 'Error',
    message: (reason || (named?.[2] ?? first)).slice(0, 2_000),
    class: 'unknown',
    ...(trace ? { stack: trace.slice(0, 4_096) } : {}),
  }
}

export interface Seen {
  queue: string
  id: string
  /** When the attempt began and ended by Redis's clock, as far as the stream told. */
  startedAt: number | undefined
  endedAt: number
  /** Until it may run again; null when this was the last attempt. */
  delayMs: number | null
  /** The number of the attempt that ended. */
  attempt: number
}

/** Collects every attempt up to the one that ended which was not known yet; only that one has times. */
export const inferAttempts = (seen: Seen, job: RawJob, writes: Writes): void => {
  const oldest = Math.max(1, lastFailureOf(job) - job.stacktrace.length + 1)
  for (let attempt = Math.min(oldest, seen.attempt); attempt <= seen.attempt; attempt++)
    inferOne(attempt, seen, job, writes)
}

/** The attempt that left the newest trace. One that completed at last left none, and made one attempt more than it failed. */
const lastFailureOf = ({ attemptsMade, finishedOn, stacktrace }: RawJob): number =>
  finishedOn !== undefined && stacktrace.length < attemptsMade ? attemptsMade - 1 : attemptsMade

const inferOne = (attempt: number, seen: Seen, job: RawJob, writes: Writes): void => {
  const newest = attempt === seen.attempt
  const dead = newest && seen.delayMs === null
  const startedAt = newest ? (seen.startedAt ?? job.processedOn) : undefined
  const lastFailure = lastFailureOf(job)
  const trace = job.stacktrace[job.stacktrace.length - 1 - (lastFailure - attempt)]
  const error = errorOf(attempt === lastFailure ? (job.failedReason ?? '') : '', trace)
  const told: Attempt = {
    attempt,
    started_at: startedAt === undefined ? null : toIso(startedAt),
    finished_at: newest ? toIso(seen.endedAt) : null,
    duration_ms: newest && startedAt !== undefined ? Math.max(0, seen.endedAt - startedAt) : null,
    outcome: dead ? 'failed' : 'retrying',
    delay_ms: newest ? seen.delayMs : null,
    error,
    worker_id: attempt === job.attemptsMade ? (job.processedBy ?? null) : null,
    inferred: true,
  }
  // The time the job was made keeps the field the same however often and late the attempt is inferred; a life that
  // counts from one again has attempts of the same numbers.
  writes.attempt(`${seen.queue}:${seen.id}`, attemptField(attempt, job.timestamp + job.attemptsBefore), told, () => {
    if (dead) return
    writes.count(seen.queue, 'retried', seen.endedAt)
    const retry = { attempt, errorClass: error.class, ranMs: told.duration_ms ?? 0, strategy: 'unknown' }
    writes.retries(seen.queue, seen.endedAt, countsOfRetry({ ...retry, delayMs: seen.delayMs ?? 0 }))
    writes.ops.fact(RetryAttempt, seen.endedAt, {
      task_id: `${seen.queue}:${seen.id}`,
      queue: seen.queue,
      name: job.name,
      attempt,
      max_attempts: job.attemptsMax,
      strategy: 'unknown',
      delay_ms: seen.delayMs ?? 0,
      next_retry_at: toIso(seen.endedAt + (newest ? (seen.delayMs ?? 0) : 0)),
      error: withoutStack(error),
      will_retry: true,
      worker_id: told.worker_id,
      priority: job.priority,
      wait_ms: 0,
      started_at: told.started_at,
      finished_at: toIso(seen.endedAt),
    })
  })
}
