// From the ends of jobs to facts and read models: completed, dead or cancelled, each with its span.
import type { RawJob } from '../bullmq/bullmq.ts'
import type { QueueEvent } from '../bullmq/event-streams.ts'
import { DlqEntryAdded } from '../dlq/contract.ts'
import { dlqId } from '../dlq/id.ts'
import * as jobs from '../jobs/events.ts'
import { expiryOf, isExpired } from '../jobs/expired.ts'
import { errorOf as shownError } from '../jobs/error.ts'
import type { JobError } from '../jobs/words.ts'
import { toIso } from '../kernel/clock.ts'
import { countsOfDeath, countsOfSuccess } from '../metrics/retry-counts.ts'
import { RetryExhausted, RetrySucceeded } from '../retries/contract.ts'
import { priorityBin } from '../timeline/priority-words.ts'
import { historyKey } from '../attempts/history-key.ts'
import { errorOf, inferAttempts, isOurs } from './infer.ts'
import type { Remembered } from './memory.ts'
import { withoutStack } from './project-attempt.ts'
import { runEnded, runGone } from './project-runs.ts'
import type { RunEnd } from './project-runs.ts'
import { address, attemptOf, nameOf, rest } from './projection.ts'
import type { Projection, Step } from './projection.ts'

/** What every end has in common: the span, and the words of the fact. */
const end = (
  page: Projection,
  event: QueueEvent,
  job: Remembered,
  state: RunEnd['outcome'],
  error?: RunEnd['error'],
) => {
  const { attempt, priority, wait_ms, startedAt, worker_id } = attemptOf(page, event, job, true)
  const name = nameOf(page, event, job)
  const duration = Math.max(0, event.at - startedAt)
  page.writes.span({
    queue: page.queue,
    id: event.jobId,
    name,
    worker: worker_id ?? '',
    start: startedAt,
    wait: wait_ms,
    run: duration,
    state,
    priority: priorityBin(priority),
    attempt,
    backoff: 0,
  })
  page.writes.measure(event.at, wait_ms, duration)
  page.writes.spread(page.queue, event.at, { waitMs: wait_ms, runMs: duration, bin: priorityBin(priority) })
  runEnded(page, event, { outcome: state, startedAt, waitMs: wait_ms, ...(error === undefined ? {} : { error }) })
  rest(job)
  page.memory.ended(page.queue, event.jobId)
  return {
    task_id: address(page, event),
    queue: page.queue,
    name,
    attempt,
    priority,
    wait_ms,
    worker_id,
    started_at: toIso(startedAt),
    finished_at: toIso(event.at),
    duration_ms: duration,
  }
}

export const completed: Step = (page, event, job) => {
  const ended = end(page, event, job, 'completed')
  page.writes.ops.fact(jobs.JobCompleted, event.at, { ...ended, state: 'completed' })
  page.writes.count(page.queue, 'completed', event.at)
  page.writes.ran(page.queue, ended.name, event.at, ended.duration_ms)
  if (ended.attempt === 1) page.writes.count(page.queue, 'first', event.at)
  else succeededLate(page, event, ended)
  page.memory.forget(page.queue, event.jobId)
}

const HISTORY_AGE_S = 7 * 24 * 60 * 60
const succeededLate = (page: Projection, event: QueueEvent, ended: ReturnType<typeof end>): void => {
  const { task_id, queue, attempt, duration_ms } = ended
  page.writes.ops.fact(RetrySucceeded, event.at, { task_id, queue, attempts: attempt, duration_ms })
  page.writes.retries(queue, event.at, countsOfSuccess(attempt))
  page.writes.ops.write('EXPIRE', historyKey(page.kernel, task_id), HISTORY_AGE_S)
}

const reasons = new Set(['exhausted', 'permanent', 'timeout', 'poison', 'stalled'] as const)
type Reason = typeof reasons extends Set<infer R> ? R : never

/** Why a job died: as its worker said, else by what BullMQ kept. */
export const reasonOf = (job: RawJob | undefined, made: number): Reason | 'unknown' => {
  const said = job?.reason as Reason | null | undefined
  if (said && reasons.has(said)) return said
  if (job?.failedReason?.startsWith('job stalled more than')) return 'stalled'
  return made >= (job?.attemptsMax ?? 1) ? 'exhausted' : 'permanent'
}

export const failed: Step = (page, event, job) => {
  const facts = page.known.job(event.jobId)
  const reason = event.said ?? facts?.failedReason ?? ''
  const cancelledFor = facts && cancelReasonOf(facts, reason)
  if (facts && isExpired(facts)) return expired(page, event, job, facts)
  if (cancelledFor !== undefined) return cancelled(page, event, job, cancelledFor)
  const group = facts && page.dead.page.died({ id: event.jobId, at: event.at, job: toldBy(facts, reason) })
  const error = judgedOf(facts) ?? (job.error as JobError | undefined) ?? errorOf(reason, facts?.stacktrace.at(-1))
  if (facts && !isOurs(facts)) inferLast(page, event, job, facts)
  const ended = end(page, event, job, 'failed', withoutStack(error))
  page.writes.ops.fact(jobs.JobFailed, event.at, { ...ended, state: 'failed', error: withoutStack(error) })
  page.writes.count(page.queue, 'failed', event.at)
  const diedAt = facts?.finishedOn ?? event.at
  died(page, event, ended, {
    error,
    reason: reasonOf(facts, ended.attempt),
    diedAt,
    group: group ?? null,
  })
  page.memory.forget(page.queue, event.jobId)
}

/** A job that lives again has lost its reason; its trace tells the same, and where there is none the event does. */
const toldBy = (facts: RawJob, reason: string): RawJob =>
  facts.failedReason === undefined && facts.stacktrace.length === 0 ? { ...facts, failedReason: reason } : facts

/** The hash keeps what our worker judged, also for a recorder that did not see the attempt told. */
const judgedOf = (facts: RawJob | undefined): JobError | undefined =>
  facts?.judged === undefined ? undefined : shownError(facts)

const CANCELLED = 'cancelled: '

/** The mark of a cancelled job goes when it is tried again, which may be before this is read; its last error stays. */
const cancelReasonOf = (facts: RawJob, reason: string): string | undefined => {
  if (facts.cancelled !== undefined) return facts.cancelled
  const told = isOurs(facts) && reason.startsWith(CANCELLED) && judgedOf(facts)?.name === 'Cancelled'
  return told ? reason.slice(CANCELLED.length) : undefined
}

const inferLast = (page: Projection, event: QueueEvent, job: Remembered, facts: RawJob): void => {
  const ended = { startedAt: job.activeAt, endedAt: event.at, delayMs: null, attempt: Math.max(1, facts.attemptsMade) }
  inferAttempts({ queue: page.queue, id: event.jobId, ...ended }, facts, page.writes)
}

interface Cause {
  error: JobError
  reason: Reason | 'unknown'
  diedAt: number
  group: string | null
}

const died = (
  page: Projection,
  event: QueueEvent,
  { task_id, queue, name, attempt, duration_ms }: ReturnType<typeof end>,
  { error, reason, diedAt, group }: Cause,
): void => {
  const dead = {
    task_id,
    queue,
    name,
    error: withoutStack(error),
    attempts: attempt,
    dlq_id: dlqId({ queue, id: event.jobId }, diedAt),
  }
  page.writes.retries(queue, event.at, countsOfDeath({ attempt, errorClass: error.class, ranMs: duration_ms }))
  page.writes.ops.fact(RetryExhausted, event.at, dead)
  page.writes.ops.fact(DlqEntryAdded, event.at, { ...dead, reason, added_at: toIso(diedAt), group })
}

/** Nothing of it ran, so there is no span of it. */
const expired = (page: Projection, event: QueueEvent, job: Remembered, facts: RawJob): void => {
  const about = { task_id: address(page, event), queue: page.queue, name: nameOf(page, event, job) }
  if (facts.finishedOn !== undefined) page.dead.page.noDeath(event.jobId, facts.finishedOn)
  const at = expiryOf(facts.opts)
  const expires_at = at === undefined ? null : toIso(at)
  page.writes.ops.fact(jobs.JobExpired, event.at, { ...about, state: 'expired', expires_at })
  page.writes.count(page.queue, 'cancelled', event.at)
  runGone(page, event)
  page.memory.forget(page.queue, event.jobId)
}

const cancelled = (page: Projection, event: QueueEvent, job: Remembered, reason: string): void => {
  const { task_id, queue, name } = end(page, event, job, 'cancelled')
  const lies = page.known.job(event.jobId)?.finishedOn
  if (lies !== undefined) page.dead.page.noDeath(event.jobId, lies)
  page.writes.ops.fact(jobs.JobCancelled, event.at, {
    task_id,
    queue,
    name,
    state: 'cancelled',
    reason: reason || null,
  })
  page.writes.count(page.queue, 'cancelled', event.at)
  page.memory.forget(page.queue, event.jobId)
}
