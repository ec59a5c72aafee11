// Choosing dead letters by a filter, oldest first, for work on many of them.
import type { Bull, JobField, RawJob } from '../bullmq/bullmq.ts'
import { oldestOf } from '../bullmq/oldest.ts'
import type { Member } from '../bullmq/oldest.ts'
import { errorOf } from '../jobs/error.ts'
import { formatAddress } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { diedAtOf } from './id.ts'
import type { DlqFilter } from './words.ts'

/** A dead letter that was chosen. `group` is its fingerprint, where that is known. */
export interface Selected {
  readonly queue: string
  readonly id: string
  readonly diedAt: number
  readonly group?: string
}

export interface SelectOptions {
  /** How many at most. */
  limit: number
  signal?: AbortSignal
}

export type Select = (filter: DlqFilter, options: SelectOptions) => AsyncIterable<Selected[]>

/** Makes the function that chooses. It answers slices of those that died at or before the call; what dies later is not among
 *  them. Cancelled jobs are no dead letters. */
export const createSelect =
  (kernel: Kernel, bull: Bull): Select =>
  (filter, options) =>
    choose(kernel, bull, filter, options, kernel.clock.now() + 1)

async function* choose(
  kernel: Kernel,
  bull: Bull,
  filter: DlqFilter,
  { limit, signal }: SelectOptions,
  end: number,
): AsyncGenerator<Selected[]> {
  const range = {
    from: filter.from === undefined ? undefined : Date.parse(filter.from),
    before: filter.to === undefined ? end : Math.min(end, Date.parse(filter.to)),
  }
  const queues = filter.queue ?? (await bull.current())
  const there = await Promise.all(queues.map((queue) => bull.exists(queue)))
  const sources = [...new Set(queues.filter((_queue, index) => there[index]))]
  const fits = fitting(filter)
  const fields = fieldsFor(filter)
  const members = oldestOf(
    kernel,
    sources.map((queue) => ({ queue, key: bull.keys(queue).failed })),
    range,
  )
  let left = limit
  for await (const page of members) {
    if (signal?.aborted === true) return
    const jobs = await bull.readRaw(page, fields)
    const found = page.flatMap((member, index) => selectedOf(jobs[index], member, fits)).slice(0, left)
    left -= found.length
    if (found.length > 0) yield found
    if (left === 0) return
  }
}

type Fits = (job: RawJob) => boolean

const selectedOf = (job: RawJob | undefined, { queue, id, at }: Member, fits: Fits): Selected[] =>
  job && job.cancelled === undefined && fits(job) ? [{ queue, id, diedAt: diedAtOf(job.finishedOn, at) }] : []

/** Reading less of each hash is most of what choosing many costs. */
const fieldsFor = ({ name, error_class, error_name, q }: DlqFilter): readonly JobField[] => {
  const always = [name === undefined ? 'timestamp' : 'name', 'finishedOn', 'k1nCancelled'] as const
  if (error_class === undefined && error_name === undefined && q === undefined) return always
  return [...always, 'failedReason', 'stacktrace', 'k1nError', 'k1nReason', 'opts', 'atm']
}

const fitting = ({ name, error_class, error_name, group, version, q }: DlqFilter): Fits => {
  const text = q?.toLowerCase()
  const asksError = error_class !== undefined || error_name !== undefined || text !== undefined
  return (job) => {
    if (name && !name.includes(job.name)) return false
    // Groups and versions are known to the index only; without one nothing is known to fit.
    if (group !== undefined || version !== undefined) return false
    if (!asksError) return true
    const error = errorOf(job) ?? { name: 'Error', message: '', class: 'unknown' as const }
    if (error_class && !error_class.includes(error.class)) return false
    if (error_name && !error_name.includes(error.name)) return false
    return text === undefined || `${formatAddress(job)}\n${error.message}`.toLowerCase().includes(text)
  }
}
