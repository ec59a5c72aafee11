// Whether one dead letter is meant by a filter, told by its own hash: for those the index cannot vouch for.
import type { RawJob } from '../bullmq/bullmq.ts'
import { errorOf, versionOf } from '../jobs/error.ts'
import { formatAddress } from '../kernel/ids.ts'
import { payloadOf } from './entry.ts'
import type { DlqFilter } from './words.ts'

/** Whether a job is meant, whatever its group is. */
export const matching = ({ name, error_class, error_name, version, q }: DlqFilter): ((job: RawJob) => boolean) => {
  const text = q?.toLowerCase()
  return (job) => {
    if (name && !name.includes(job.name)) return false
    const error = errorOf(job)
    if (error_class && !error_class.includes(error?.class ?? 'unknown')) return false
    if (error_name && !error_name.includes(error?.name ?? 'Error')) return false
    if (version && !version.includes(versionOf(job) ?? '')) return false
    return text === undefined || `${formatAddress(job)}\n${error?.message ?? ''}`.toLowerCase().includes(text)
  }
}

/** Whether a payload has these values at these paths, each as `customer.id=42`. Numbers and truths are told as text. */
export const carrying = (tests: readonly string[] | undefined): ((job: RawJob) => boolean) => {
  const wanted = tests?.map((test) => {
    const mark = test.indexOf('=')
    return { path: test.slice(0, mark).split('.'), value: test.slice(mark + 1) }
  })
  if (wanted === undefined) return () => true
  return (job) => {
    const payload = payloadOf(job)
    return wanted.every(({ path, value }) => textAt(payload, path) === value)
  }
}

const textAt = (payload: unknown, path: readonly string[]): string | undefined => {
  let value = payload
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string, unknown>)[step]
  }
  return typeof value === 'object' && value !== null ? undefined : String(value)
}
