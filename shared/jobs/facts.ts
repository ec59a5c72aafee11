// What a search can know of one job, and what it does not know yet: its place, its hash, its payload, each read when needed.
import type { RawJob } from '../bullmq/bullmq.ts'
import { asRecord } from '../bullmq/raw-job.ts'
import { findKind } from '../catalog/catalog.ts'
import type { Catalog } from '../catalog/kind.ts'
import { formatAddress, parseAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import type { Job } from './contract.ts'
import { errorOf } from './error.ts'
import type { JobState } from './words.ts'

/** Values a term is held against. Undefined: not known yet. Empty: the job has none. */
export type Values = readonly unknown[] | undefined

export interface Facts {
  readonly address: Address
  readonly state: JobState | undefined
  readonly name: Values
  readonly tags: Values
  readonly service: Values
  /** Epoch milliseconds. */
  readonly createdAt: Values
  readonly finishedAt: Values
  readonly errorClass: Values
  /** The error's message. */
  readonly message: Values
  /** What is read of the payload. */
  readonly payload: { readonly value: unknown } | undefined
}

const ENDED: ReadonlySet<JobState> = new Set(['completed', 'failed', 'cancelled', 'skipped', 'expired'])

/** Of a job only its address is known. */
export const factsOfAddress = (address: Address): Facts => ({
  address,
  state: undefined,
  name: undefined,
  tags: undefined,
  service: undefined,
  createdAt: undefined,
  finishedAt: undefined,
  errorClass: undefined,
  message: undefined,
  payload: undefined,
})

/** Of a job whose hash was read; where it lies may not be known. Until then an end or an error that the hash tells may be
 *  of an earlier life. */
export const factsOfHash = (job: RawJob, state: JobState | undefined, catalog: Catalog): Facts => {
  const { tags, service } = asRecord(job.opts['k1n'])
  const error = state === 'completed' ? undefined : errorOf(job)
  const uncertain = (value: unknown): Values => (value === undefined ? [] : state === undefined ? undefined : [value])
  return {
    address: { queue: job.queue, id: job.id },
    state,
    name: [job.name],
    tags: Array.isArray(tags) ? tags : [],
    service: serviceValues(typeof service === 'string' ? service : undefined, job.name, catalog),
    createdAt: [job.timestamp],
    finishedAt: state === undefined || ENDED.has(state) ? uncertain(job.finishedOn) : [],
    errorClass: uncertain(error?.class),
    message: uncertain(error?.message),
    payload: undefined,
  }
}

/** Of a job as people are shown it. */
export const factsOfJob = (job: Job, payload: Facts['payload'], catalog: Catalog): Facts => ({
  address: parseAddress(job.id) ?? { queue: job.queue, id: job.id },
  state: job.state,
  name: [job.name],
  tags: job.tags,
  service: serviceValues(job.service ?? undefined, job.name, catalog),
  createdAt: [Date.parse(job.created_at)],
  finishedAt: job.finished_at === null ? [] : [Date.parse(job.finished_at)],
  errorClass: job.error ? [job.error.class] : [],
  message: job.error ? [job.error.message] : [],
  payload: payload ?? (job.data === undefined ? undefined : { value: job.data }),
})

/** A job that another service added does not say which service it calls; its kind may. */
const serviceValues = (told: string | undefined, name: string, catalog: Catalog): readonly string[] => {
  const service = told ?? findKind(name, catalog)?.service
  return service === undefined ? [] : [service]
}

export const idsOf = ({ address }: Facts): readonly string[] => [formatAddress(address), address.id]
