// What the index keeps of a dead letter: which cause it has, and what else it can be asked for by.
import type { JobField, RawJob } from '../bullmq/bullmq.ts'
import { reasonOf } from '../dlq/reason.ts'
import type { DeathReason } from '../dlq/words.ts'
import { ERROR_FIELDS, errorOf, versionOf } from '../jobs/error.ts'
import type { ErrorClass } from '../retries/words.ts'
import { fingerprintOf } from './fingerprint.ts'

export interface Death {
  readonly fingerprint: string
  readonly title: string
  /** The job's name. */
  readonly name: string
  readonly errorName: string
  readonly errorClass: ErrorClass
  readonly reason: DeathReason
  /** The version of the worker it died under; null where nobody told. */
  readonly version: string | null
}

/** What a job's hash must be read with for this. */
export const DEATH_FIELDS: readonly JobField[] = [
  ...(['name', 'timestamp', 'finishedOn', 'opts', 'k1nCancelled'] as const),
  ...ERROR_FIELDS,
]

const NAME_MAX = 128
const nothing = { name: 'Error', message: '', class: 'unknown' } as const

/** Tells a death by what the job's hash says, the same now and whenever it is read again. */
export const deathOf = (job: RawJob): Death => {
  const error = errorOf(job) ?? nothing
  const { id, title } = fingerprintOf({ name: job.name, error })
  return {
    fingerprint: id,
    title,
    name: job.name.slice(0, NAME_MAX),
    errorName: error.name.slice(0, NAME_MAX),
    errorClass: error.class,
    reason: reasonOf(job),
    version: versionOf(job) ?? null,
  }
}
