// From BullMQ's events to facts and read models: one small function for each event BullMQ writes.
import type { QueueEvent } from '../bullmq/event-streams.ts'
import * as jobs from '../jobs/events.ts'
import { toIso } from '../kernel/clock.ts'
import { formatAddress } from '../kernel/ids.ts'
import * as queues from '../queues/contract.ts'
import { priorityBin } from '../timeline/priority-words.ts'
import { historyKey } from '../attempts/history-key.ts'
import { inferAttempts, isOurs } from './infer.ts'
import { nothing } from './memory.ts'
import type { Remembered } from './memory.ts'
import { completed, failed } from './project-ends.ts'
import { runBegan, runGone } from './project-runs.ts'
import { about, address, attemptOf, nameOf, rest } from './projection.ts'
import type { Projection, Step } from './projection.ts'

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
  job.name = oneOf(event.said ?? 'unknown')
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

/** A job that is told to be anywhere else is no dead letter any more. */
const leave = (page: Projection, event: QueueEvent, how: 'resubmitted' | 'discarded'): void => {
  if (page.dead.page.left(event.jobId) !== undefined) page.writes.count(page.queue, how, event.at)
}

const waiting: Step = (page, event, job) => {
  if (mayLeave(event)) leave(page, event, 'resubmitted')
  if (event.said === 'active') inferRetry(page, event, job, event.at)
  job.eligibleAt = event.at
}

const delayed: Step = (page, event, job) => {
  leave(page, event, 'resubmitted')
  const runAt = Number(event.said) || event.at
  if (job.activeAt !== undefined) inferRetry(page, event, job, runAt)
  job.eligibleAt = runAt
  page.writes.ops.fact(jobs.JobDelayed, event.at, {
    ...about(page, event, job),
    state: 'delayed',
    run_at: toIso(runAt),
  })
}

const active: Step = (page, event, job) => {
  const { attempt, priority, wait_ms, startedAt, worker_id } = attemptOf(page, event, job, false)
  const facts = page.known.job(event.jobId)
  job.activeAt = startedAt
  if (facts) job.name ??= facts.name
  job.eligibleAt ??= startedAt - wait_ms
  // Only of a job whose hash was there: without it the end is looked up again.
  job.run = facts && { attempt, priority, worker_id }
  runBegan(page, event, startedAt)
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

/** What began later than this before it was told to have stalled is the run after that. */
const AGAIN_MS = 1_000

const stalled: Step = (page, event, job) => {
  const facts = page.known.job(event.jobId)
  // The job may run again by now: it stalls no sooner than its lock is over.
  const processedOn = facts?.processedOn ?? event.at
  const start = job.cutAt ?? (processedOn < event.at - AGAIN_MS ? processedOn : event.at)
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
    progress: parseOr(event.said),
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
  leave(page, event, page.dead.livesElsewhere(event.jobId) ? 'resubmitted' : 'discarded')
  page.writes.ops.fact(jobs.JobRemoved, event.at, { ...about(page, event, job), state: 'unknown' })
  page.writes.ops.write('UNLINK', historyKey(page.kernel, task))
  page.writes.gone(task)
  runGone(page, event)
  page.memory.forget(page.queue, event.jobId)
}

/** BullMQ tells that a queue ran empty in the step that ends its last job. */
const drained: Step = (page, event) => {
  const id = page.memory.lastEnded(page.queue)
  const task = id === undefined ? {} : { task_id: formatAddress({ queue: page.queue, id }) }
  page.writes.ops.fact(queues.QueueDrained, event.at, { ...ofQueue(page), actor: null, ...task })
}

const ofQueue = (page: Projection) => ({ queue: page.queue, actor: page.known.pausedBy })

/** Whoever cleans at intervals, as k1n itself does, mostly finds nothing, which is no fact. */
const cleaned: Step = (page, event) => {
  const count = Number(event.said) || 0
  if (count > 0) page.writes.ops.fact(queues.QueueCleaned, event.at, { ...ofQueue(page), actor: null, count })
}

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
  drained,
  cleaned,
}

/** Events that need the job's hash, beside those that need what only failures tell. That of a job that began comes with
 *  the page. */
const withJob: ReadonlySet<string> = new Set(['completed', 'stalled', 'progress', 'removed'])
export const needsJob = (event: QueueEvent): boolean => withJob.has(event.event) || needsFailure(event)
export const needsFailure = (event: QueueEvent): boolean =>
  event.event === 'failed' || event.event === 'delayed' || (event.event === 'waiting' && event.said === 'active')

/** Events after which a job may no longer be among the failed. */
export const mayLeave = ({ event, said }: QueueEvent): boolean =>
  event === 'delayed' || event === 'removed' || (event === 'waiting' && said === 'failed')

/** Collects what one event comes to. Events BullMQ may add in later versions are passed over. */
export const projectEvent = (page: Projection, event: QueueEvent): void => {
  steps[event.event]?.(page, event, event.jobId === '' ? nothing() : page.memory.of(page.queue, event.jobId))
}
