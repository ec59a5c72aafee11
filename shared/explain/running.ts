// Jobs a worker took: whether it still has them, and how those ended that did.
import { evidence, reason, span } from './say.ts'
import { BEAT_EVERY_MS } from '../workers/registry.ts'
import { expiryOf } from '../jobs/expired.ts'
import type { RawJob } from '../bullmq/bullmq.ts'
import type { Facts } from './facts.ts'
import type { Reason } from './words.ts'

/** A process that missed two beats is silent. */
const SILENT_MS = 2 * BEAT_EVERY_MS + 1_000

/** A job in the list of running ones. A lock is what its worker holds it by and renews while it lives. */
export const runningReason = (facts: Facts): Reason => {
  if (!facts.more) return running(facts)
  if (facts.more.circumstances.lockMs === undefined) return lockLost(facts)
  const silence = silenceOf(facts)
  return silence === undefined ? running(facts) : stalled(facts, silence)
}

const worker = ({ processedBy }: RawJob): string => (processedBy ? `worker ${processedBy}` : 'worker')

/** How it is known that the worker is gone; undefined while it may be there. */
const silenceOf = ({ stated: { job }, more, now }: Facts): string | undefined => {
  if (!more) return undefined
  if (job.processedBy?.startsWith('w_') && more.runner) {
    const { exit, seenAt } = more.runner
    if (exit) return `ended (${exit.exit})`
    return seenAt !== undefined && now - seenAt > SILENT_MS ? `has been silent for ${span(now - seenAt)}` : undefined
  }
  const { count, names } = more.crew
  if (count === 0) return 'is gone'
  return job.processedBy && names.length === count && !names.includes(job.processedBy) ? 'is gone' : undefined
}

const figures = ({ stated: { job }, more }: Facts) =>
  evidence(
    ['worker_id', 'Worker', 'text', job.processedBy],
    ['last_seen_at', 'Last heard of', 'instant', more?.runner?.seenAt],
    ['exit', 'How it ended', 'text', more?.runner?.exit?.exit],
    ['lock_ms', 'Lock ends in', 'ms', more?.circumstances.lockMs],
    ['stalled_check_ms', 'Next look in', 'ms', more?.circumstances.stalledCheckMs],
    ['stalls', 'Stalled before', 'count', job.stalledCounter],
    ['workers', 'Workers of the queue', 'count', more?.crew.count],
  )

const stalled = (facts: Facts, silence: string): Reason => {
  const { job } = facts.stated
  const lockMs = facts.more?.circumstances.lockMs ?? 0
  return reason(
    'stalled',
    `Its ${worker(job)} ${silence} but still holds it; its lock ends in ${span(lockMs)}, ${takenBack(facts)}.`,
    figures(facts),
    remedyOf(facts),
  )
}

const lockLost = (facts: Facts): Reason => {
  const { job } = facts.stated
  return reason(
    'lock_lost',
    `No one holds it any more: the lock of its ${worker(job)} is gone, ${takenBack(facts)}.`,
    figures(facts),
    remedyOf(facts),
  )
}

const takenBack = ({ more }: Facts): string =>
  more?.crew.count === 0
    ? 'and no worker is there to put it back into its queue'
    : 'and the workers put it back into its queue when they next look for stalled jobs'
const remedyOf = ({ stated: { job }, more }: Facts): string | null =>
  more?.crew.count === 0 ? `Start a worker for ${job.queue}.` : null

const running = ({ stated: { job }, now }: Facts): Reason => {
  const since = job.processedOn === undefined ? undefined : Math.max(0, now - job.processedOn)
  const how = since === undefined ? '' : ` since ${span(since)}${job.processedBy ? ` on ${job.processedBy}` : ''}`
  return reason(
    'running',
    `Runs ${attempt(job, job.attemptsMade + 1)}${how}.`,
    evidence(
      ['attempt', 'Attempt', 'count', job.attemptsMade + 1],
      ['started_at', 'Started', 'instant', job.processedOn],
      ['worker_id', 'Worker', 'text', job.processedBy],
    ),
  )
}

const attempt = (job: RawJob, number: number): string =>
  `at attempt ${Math.max(1, number)} of ${Math.max(job.attemptsMax, number, 1)}`

/** How a job ended that did. */
export const completedReason = ({ stated: { job } }: Facts): Reason => {
  const took =
    job.processedOn === undefined || job.finishedOn === undefined
      ? undefined
      : Math.max(0, job.finishedOn - job.processedOn)
  return reason(
    'completed',
    `Completed ${attempt(job, job.attemptsMade)}${took === undefined ? '' : ` in ${span(took)}`}.`,
    evidence(
      ['attempt', 'Attempt', 'count', Math.max(1, job.attemptsMade)],
      ['finished_at', 'Finished', 'instant', job.finishedOn],
      ['duration_ms', 'Ran for', 'ms', took],
    ),
  )
}

export const failedReason = ({ stated: { job } }: Facts): Reason =>
  reason(
    'failed',
    failedSays(job),
    evidence(
      ['attempt', 'Attempt', 'count', Math.max(1, job.attemptsMade)],
      ['finished_at', 'Failed', 'instant', job.finishedOn],
      ['death', 'Why for good', 'text', job.reason],
    ),
    'Try it again, or resubmit it with another payload.',
  )

const failedSays = (job: RawJob): string => {
  const message = job.failedReason?.split('\n', 1)[0]?.slice(0, 200)
  const because = message ? `: ${message}` : '.'
  if (job.reason === 'poison') return `Ended the processes that ran it and was taken out${because}`
  if (job.reason === 'permanent')
    return `Failed ${attempt(job, job.attemptsMade)} with an error no further try can mend${because}`
  return `Failed for good ${attempt(job, job.attemptsMade)}${because}`
}

export const cancelledReason = ({ stated: { job } }: Facts): Reason =>
  reason(
    'cancelled',
    job.cancelled ? `Was cancelled: ${job.cancelled}` : 'Was cancelled.',
    evidence(['reason', 'Why', 'text', job.cancelled], ['finished_at', 'Cancelled', 'instant', job.finishedOn]),
  )

export const expiredReason = ({ stated: { job } }: Facts): Reason =>
  reason(
    'expired',
    'Was not started in time, and will not be.',
    evidence(
      ['expires_at', 'Had to start by', 'instant', expiryOf(job.opts)],
      ['finished_at', 'Ended', 'instant', job.finishedOn],
    ),
    'Try it again, if it shall run all the same.',
  )
