// From a member of a failed set to a dead letter.
import type { RawJob } from '../bullmq/bullmq.ts'
import { asRecord, parseJson } from '../bullmq/raw-job.ts'
import { errorOf } from '../jobs/error.ts'
import { toIso } from '../kernel/clock.ts'
import { formatAddress } from '../kernel/ids.ts'
import type { DlqEntry } from './contract.ts'
import { dlqId } from './id.ts'
import { reasonOf } from './reason.ts'

/** `diedAt` is the score in the failed set, for hashes that lost their own note of it. */
export const toEntry = (job: RawJob, diedAt: number, data?: unknown): DlqEntry => {
  const at = job.finishedOn ?? diedAt
  const tags = asRecord(job.opts['k1n'])['tags']
  return {
    id: dlqId(job, at),
    task_id: formatAddress(job),
    queue: job.queue,
    name: job.name,
    reason: reasonOf(job),
    error: errorOf(job) ?? { name: 'Error', message: '', class: 'unknown' },
    attempts_made: job.attemptsMade,
    added_at: toIso(at),
    created_at: toIso(job.timestamp),
    status: 'open',
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [],
    ...(data === undefined ? {} : { data }),
  }
}

/** The payload as a value; null when it is not JSON. */
export const payloadOf = (job: RawJob): unknown => parseJson(job.data) ?? null
