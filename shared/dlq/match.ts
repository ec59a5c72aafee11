// Whether one dead letter is meant by a filter, told by its own hash: for those the index cannot vouch for.
import type { JobField, RawJob } from '../bullmq/bullmq.ts'
import { ERROR_FIELDS, VERSION_FIELDS, errorOf, versionOf } from '../jobs/error.ts'
import { formatAddress } from '../kernel/ids.ts'
import { DEATH_FIELDS } from '../triage/death.ts'
import { payloadOf } from './entry.ts'
import type { DlqFilter } from './words.ts'

/** Enough to tell whether a dead letter lies there, and its name. */
export const WHERE_FIELDS: readonly JobField[] = ['name', 'timestamp', 'finishedOn', 'k1nCancelled']

/** What a job must be read with to tell whether it is meant. Redis goes through a hash anew for each field. */
export const fieldsFor = (filter: DlqFilter): readonly JobField[] => [
  ...new Set([
    ...WHERE_FIELDS,
    ...(asksError(filter) ? ERROR_FIELDS : []),
    ...(filter.version === undefined ? [] : VERSION_FIELDS),
    ...(filter.group === undefined ? [] : DEATH_FIELDS),
  ]),
]

const asksError = ({ error_class, error_name, q }: DlqFilter): boolean =>
  error_class !== undefined || error_name !== undefined || q !== undefined

/** Whether a job is meant, whatever its group is. */
export const matching = (filter: DlqFilter): ((job: RawJob) => boolean) => {
  const { name, error_class, error_name, version } = filter
  const text = filter.q?.toLowerCase()
  const saysSo = (job: RawJob): boolean => {
    const error = errorOf(job)
    if (error_class && !error_class.includes(error?.class ?? 'unknown')) return false
    if (error_name && !error_name.includes(error?.name ?? 'Error')) return false
    return text === undefined || `${formatAddress(job)}\n${error?.message ?? ''}`.toLowerCase().includes(text)
  }
  const says = asksError(filter) ? saysSo : () => true
  return (job) =>
    (!name || name.includes(job.name)) && (!version || version.includes(versionOf(job) ?? '')) && says(job)
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
