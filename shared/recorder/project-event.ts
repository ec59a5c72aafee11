// From BullMQ's events to facts and read models: one small function for each event BullMQ writes.
import type { RawJob } from '../bullmq/bullmq.ts'
import type { QueueEvent } from '../bullmq/event-streams.ts'
import { DlqEntryAdded } from '../dlq/contract.ts'
import { dlqId } from '../dlq/id.ts'
import * as jobs from '../jobs/events.ts'
import { errorOf as shownError } from '../jobs/error.ts'
import type { JobError } from '../jobs/words.ts'
import { toIso } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import * as queues from '../queues/contract.ts'
import { RetryExhausted, RetrySucceeded } from '../retries/contract.ts'
import { priorityBin } from '../timeline/contract.ts'
import type { SpanState } from '../timeline/contract.ts'
import { historyKey } from '../attempts/history-key.ts'
import { errorOf, inferAttempts, isOurs } from './infer.ts'
import { nothing } from './memory.ts'
import type { JobMemory, Remembered, Run } from './memory.ts'
import { withoutStack } from './project-attempt.ts'
import type { Writes } from './writes.ts'

/** What a page knows of its jobs, read once before it is projected. */
export interface Known {
  job(id: string): RawJob | undefined
  /** Who paused the queue, where k1n knows. */
  pausedBy: string | null
}

export interface Projection {
  queue: string
  kernel: Kernel
  memory: JobMemory
  known: Known
  writes: Writes
}

type Step = (page: Projection, event: QueueEvent, job: Remembered) => void

const address = (page: Projection, event: QueueEvent): string => `${page.queue}:${event.jobId}`
const nameOf = (page: Projection, event: QueueEvent, job: Remembered): string =>
  job.name ?? page.known.job(event.jobId)?.name ?? 'unknown'
const about = (page: Projection, event: QueueEvent, job: Remembered) => ({
  task_id: address(page, event),
  queue: page.queue,
  name: nameOf(page, event, job),
})

const NAMES_MAX = 1_000
const names = new Map<string, string>()

/** The same text for the same name: thousands of jobs that are remembered share a few. */
const oneOf = (name: string): string => {
  const known = names.get(name)
  if (known !== undefined) return known
  if (names.size >= NAMES_MAX) names.clear()
  names.set(name, name)
  return name
}

const added: Step = (page, event, job) => {
  job.name = oneOf(event.fields.name ?? 'unknown')
  job.eligibleAt ??= event.at
  job.ended = 0
  page.writes.ops.fact(jobs.JobAdded, event.at, { ...about(page, event, job), state: 'waiting' })
  page.writes.recent(address(page, event), event.at)
  page.writes.count(page.queue, 'added', event.at)
}

/** A job of another service's worker that came back from an attempt has failed it, if its hash says one more was made.
 *  The hash may tell of later attempts too; then the count of those seen says which one this was. */
const inferRetry = (page: Projection, event: QueueEvent, job: Remembered, runAt: number): void => {
  const facts = page.known.job(event.jobId)
  job.cutAt = job.activeAt
  if (facts && !isOurs(facts) && facts.failedReason) {
    const made = facts.attemptsMade - (facts.finishedOn === undefined ? 0 : 1)
    const attempt = Math.min(made, (job.ended ?? made - 1) + 1)
    const ended = { startedAt: job.activeAt, endedAt: event.at, delayMs: Math.max(0, runAt - event.at), attempt }
    if (attempt > 0) inferAttempts({ queue: page.queue, id: event.jobId, ...ended }, facts, page.writes)
    job.ended = attempt
  }
  rest(job)
}

/** The attempt is over: what was known of it says nothing about the next one. */
const rest = (job: Remembered): void => {
  job.activeAt = undefined
  job.run = undefined
}

const waiting: Step = (page, event, job) => {
  if (event.fields.prev === 'active') inferRetry(page, event, job, event.at)
  job.eligibleAt = event.at
}

const delayed: Step = (page, event, job) => {
  const runAt = Number(event.fields.delay) || event.at
  if (job.activeAt !== undefined) inferRetry(page, event, job, runAt)
  job.eligibleAt = runAt
  page.writes.ops.fact(jobs.JobDelayed, event.at, {
    ...about(page, event, job),
    state: 'delayed',
    run_at: toIso(runAt),
  })
}

const unknownRun: Run = { attempt: 1, priority: 0, worker_id: null }
const runOf = (facts: RawJob, ended: boolean): Run => ({
  attempt: Math.max(1, ended ? facts.attemptsMade : Math.min(facts.attemptsMade + 1, facts.attemptsStarted)),
  priority: facts.priority,
  worker_id: facts.processedBy ?? null,
})

/** Numbers and times of the attempt an event speaks of. The hash may be one event ahead, never behind. */
const attemptOf = (page: Projection, event: QueueEvent, job: Remembered, ended: boolean) => {
  const facts = page.known.job(event.jobId)
  const made = facts?.attemptsMade ?? 0
  const startedAt = ended ? (job.activeAt ?? facts?.processedOn ?? event.at) : event.at
  const eligibleAt = job.eligibleAt ?? (facts && made <= 1 ? facts.timestamp + facts.delay : startedAt)
  const run = facts ? runOf(facts, ended) : (job.run ?? unknownRun)
  return {
    attempt: run.attempt,
    priority: run.priority,
    wait_ms: Math.max(0, startedAt - eligibleAt),
    startedAt,
    worker_id: run.worker_id,
  }
}

const active: Step = (page, event, job) => {
  const { attempt, priority, wait_ms, startedAt, worker_id } = attemptOf(page, event, job, false)
  const facts = page.known.job(event.jobId)
  job.activeAt = startedAt
  if (facts) job.name ??= facts.name
  job.eligibleAt ??= startedAt - wait_ms
  // Only of a job whose hash was there: without it the end is looked up again.
  job.run = facts && { attempt, priority, worker_id }
  page.writes.ops.fact(jobs.JobActive, event.at, {
    task_id: address(page, event),
    queue: page.queue,
    name: nameOf(page, event, job),
    state: 'active',
    attempt,
    priority,
    wait_ms,
    worker_id,
    started_at: toIso(startedAt),
  })
}

/** What every end has in common: the span, and the words of the fact. */
const end = (page: Projection, event: QueueEvent, job: Remembered, state: SpanState) => {
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
  rest(job)
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

const completed: Step = (page, event, job) => {
  const ended = end(page, event, job, 'completed')
  page.writes.ops.fact(jobs.JobCompleted, event.at, { ...ended, state: 'completed' })
  page.writes.count(page.queue, 'completed', event.at)
  if (ended.attempt === 1) page.writes.count(page.queue, 'first', event.at)
  else succeededLate(page, event, ended)
  page.memory.forget(page.queue, event.jobId)
}

const HISTORY_AGE_S = 7 * 24 * 60 * 60
const succeededLate = (page: Projection, event: QueueEvent, ended: ReturnType<typeof end>): void => {
  const { task_id, queue, attempt, duration_ms } = ended
  page.writes.ops.fact(RetrySucceeded, event.at, { task_id, queue, attempts: attempt, duration_ms })
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

const failed: Step = (page, event, job) => {
  const facts = page.known.job(event.jobId)
  const reason = event.fields.failedReason ?? facts?.failedReason ?? ''
  const cancelledFor = facts && cancelReasonOf(facts, reason)
  if (cancelledFor !== undefined) return cancelled(page, event, job, cancelledFor)
  const error = judgedOf(facts) ?? (job.error as JobError | undefined) ?? errorOf(reason, facts?.stacktrace.at(-1))
  if (facts && !isOurs(facts)) inferLast(page, event, job, facts)
  const ended = end(page, event, job, 'failed')
  page.writes.ops.fact(jobs.JobFailed, event.at, { ...ended, state: 'failed', error: withoutStack(error) })
  page.writes.count(page.queue, 'failed', event.at)
  died(page, event, ended, error, reasonOf(facts, ended.attempt), facts?.finishedOn ?? event.at)
  page.memory.forget(page.queue, event.jobId)
}

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

const died = (
  page: Projection,
  event: QueueEvent,
  { task_id, queue, name, attempt }: ReturnType<typeof end>,
  error: JobError,
  reason: Reason | 'unknown',
  diedAt: number,
): void => {
  const dead = {
    task_id,
    queue,
    name,
    error: withoutStack(error),
    attempts: attempt,
    dlq_id: dlqId({ queue, id: event.jobId }, diedAt),
  }
  page.writes.ops.fact(RetryExhausted, event.at, dead)
  page.writes.ops.fact(DlqEntryAdded, event.at, { ...dead, reason, added_at: toIso(diedAt) })
}

const cancelled = (page: Projection, event: QueueEvent, job: Remembered, reason: string): void => {
  const { task_id, queue, name } = end(page, event, job, 'cancelled')
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

const stalled: Step = (page, event, job) => {
  const facts = page.known.job(event.jobId)
  const start = job.cutAt ?? facts?.processedOn ?? event.at
  page.writes.span({
    queue: page.queue,
    id: event.jobId,
    name: nameOf(page, event, job),
    worker: facts?.processedBy ?? '',
    start,
    wait: 0,
    run: Math.max(0, event.at - start),
    state: 'stalled',
    priority: priorityBin(facts?.priority ?? 0),
    attempt: (facts?.attemptsMade ?? 0) + 1,
    backoff: 0,
  })
  page.writes.ops.fact(jobs.JobStalled, event.at, { ...about(page, event, job), state: 'waiting' })
}

const progress: Step = (page, event, job) => {
  page.writes.ops.fact(jobs.JobProgress, event.at, {
    ...about(page, event, job),
    progress: parseOr(event.fields.data),
  })
}

const parseOr = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? 'null') as unknown
  } catch {
    return text
  }
}

const removed: Step = (page, event, job) => {
  const task = address(page, event)
  page.writes.ops.fact(jobs.JobRemoved, event.at, { ...about(page, event, job), state: 'unknown' })
  page.writes.ops.write('UNLINK', historyKey(page.kernel, task))
  page.writes.gone(task)
  page.memory.forget(page.queue, event.jobId)
}

const ofQueue = (page: Projection) => ({ queue: page.queue, actor: page.known.pausedBy })

const steps: Readonly<Record<string, Step>> = {
  added,
  waiting,
  delayed,
  active,
  completed,
  failed,
  stalled,
  progress,
  removed,
  paused: (page, event) => page.writes.ops.fact(queues.QueuePaused, event.at, ofQueue(page)),
  resumed: (page, event) => page.writes.ops.fact(queues.QueueResumed, event.at, { ...ofQueue(page), actor: null }),
  drained: (page, event) => page.writes.ops.fact(queues.QueueDrained, event.at, { ...ofQueue(page), actor: null }),
  cleaned: (page, event) =>
    page.writes.ops.fact(queues.QueueCleaned, event.at, {
      ...ofQueue(page),
      actor: null,
      count: Number(event.fields.count) || 0,
    }),
}

/** Events that need the job's hash; the second set needs what only failures tell. */
const withJob: ReadonlySet<string> = new Set([
  'active',
  'completed',
  'failed',
  'delayed',
  'stalled',
  'progress',
  'removed',
])
export const needsJob = (event: QueueEvent): boolean => withJob.has(event.event) || needsFailure(event)
export const needsFailure = (event: QueueEvent): boolean =>
  event.event === 'failed' || event.event === 'delayed' || (event.event === 'waiting' && event.fields.prev === 'active')

/** Collects what one event comes to. Events BullMQ may add in later versions are passed over. */
export const projectEvent = (page: Projection, event: QueueEvent): void => {
  steps[event.event]?.(page, event, event.jobId === '' ? nothing() : page.memory.of(page.queue, event.jobId))
}
