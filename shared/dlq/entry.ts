// From a member of a failed set to a dead letter.
import type { JobField, RawJob } from '../bullmq/bullmq.ts'
import { asRecord, parseJson } from '../bullmq/raw-job.ts'
import { ERROR_FIELDS, errorOf, versionOf } from '../jobs/error.ts'
import { toIso } from '../kernel/clock.ts'
import { formatAddress } from '../kernel/ids.ts'
import type { DlqEntry } from './contract.ts'
import { dlqId } from './id.ts'
import { reasonOf } from './reason.ts'
import { remarkOf } from './remark.ts'

/** What an entry is told by. Asking for less matters: Redis goes through a small hash anew for each field. */
export const ENTRY_FIELDS: readonly JobField[] = [
  ...(['name', 'timestamp', 'finishedOn', 'opts', 'k1nCancelled', 'k1nRemark'] as const),
  ...ERROR_FIELDS,
]

/** `diedAt` is the score in the failed set, for hashes that lost their own note of it. */
export const toEntry = (job: RawJob, diedAt: number, group: string | null, data?: unknown): DlqEntry => {
  const at = job.finishedOn ?? diedAt
  const remark = remarkOf(job, at)
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
    group,
    version: versionOf(job) ?? null,
    note: remark?.note ?? null,
    tags: remark?.tags ?? tagsOf(job),
    ...(data === undefined ? {} : { data }),
  }
}

/** The tags the job was added with. */
const tagsOf = ({ opts }: RawJob): string[] => {
  const { tags } = asRecord(opts['k1n'])
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : []
}

/** The payload as a value; null when it is not JSON. */
export const payloadOf = (job: RawJob): unknown => parseJson(job.data) ?? null
