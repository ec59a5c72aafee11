// What projecting an event works with: the page it is on, what is remembered of the job, and the attempt it speaks of.
import type { RawJob } from '../bullmq/bullmq.ts'
import type { QueueEvent } from '../bullmq/event-streams.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { IndexPage } from '../triage/dead-index.ts'
import type { JobMemory, Remembered, Run } from './memory.ts'
import type { Writes } from './writes.ts'

/** What a page knows of its jobs, read once before it is projected. */
export interface Known {
  job(id: string): RawJob | undefined
  /** Who paused the queue, where k1n knows. */
  pausedBy: string | null
}

/** The index of dead letters, as far as a page changes it. */
export interface Dead {
  page: IndexPage
  /** Whether a dead letter that is removed was resubmitted to another queue. */
  livesElsewhere(id: string): boolean
}

export interface Projection {
  queue: string
  kernel: Kernel
  memory: JobMemory
  known: Known
  writes: Writes
  dead: Dead
}

export type Step = (page: Projection, event: QueueEvent, job: Remembered) => void

export const address = (page: Projection, event: QueueEvent): string => `${page.queue}:${event.jobId}`
export const nameOf = (page: Projection, event: QueueEvent, job: Remembered): string =>
  job.name ?? page.known.job(event.jobId)?.name ?? 'unknown'
export const about = (page: Projection, event: QueueEvent, job: Remembered) => ({
  task_id: address(page, event),
  queue: page.queue,
  name: nameOf(page, event, job),
})

/** The attempt is over: what was known of it says nothing about the next one. */
export const rest = (job: Remembered): void => {
  job.activeAt = undefined
  job.run = undefined
}

const unknownRun: Run = { attempt: 1, priority: 0, worker_id: null }
const runOf = (facts: RawJob, ended: boolean): Run => ({
  attempt: Math.max(1, ended ? facts.attemptsMade : Math.min(facts.attemptsMade + 1, facts.attemptsStarted)),
  priority: facts.priority,
  worker_id: facts.processedBy ?? null,
})

/** Numbers and times of the attempt an event speaks of. The hash may be one event ahead, never behind. */
export const attemptOf = (page: Projection, event: QueueEvent, job: Remembered, ended: boolean) => {
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
