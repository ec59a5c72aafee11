// The limits of a queue as a form: fields as text, and the change they come to.
import type { Queue, QueueConfig } from '../../../shared/queues/contract.ts'
import { numberText, readNumber, type Draft, type ReadNumber } from '../../data/draft.ts'
import { readSpan, spanText } from '../../data/span.ts'

export const limitFields = [
  { id: 'concurrency', label: 'Jobs at once', hint: 'By all workers together; empty for no limit.' },
  { id: 'rate', label: 'Jobs started', hint: 'By all workers together; empty for no limit.' },
  { id: 'per', label: 'In', hint: 'Such as 1 s or 5 min.' },
  { id: 'depth', label: 'Jobs that may wait', hint: 'Further ones are refused; empty: as the settings say.' },
  { id: 'kept', label: 'Completed jobs kept', hint: 'Empty: no limit of their number.' },
  { id: 'age', label: 'Kept for', hint: 'Such as 7 d; empty: no limit of their age.' },
] as const
export type LimitField = (typeof limitFields)[number]['id']

/** A configuration as the form shows it. */
export const draftOf = ({ global_concurrency, rate_limit, depth_limit, retention }: QueueConfig): Draft => ({
  concurrency: numberText(global_concurrency),
  rate: numberText(rate_limit?.max ?? null),
  per: spanText(rate_limit?.duration_ms ?? null),
  depth: numberText(depth_limit),
  kept: numberText(retention?.completed_count ?? null),
  age: spanText(retention?.completed_age_ms ?? null),
})

export interface Reading {
  patch: Partial<QueueConfig>
  errors: Partial<Record<LimitField, string>>
}

const optional = true
const whole = true
const valueOf = (read: ReadNumber): number | null => ('value' in read ? read.value : null)

/** What a draft changes: only what was touched is sent, so that nothing else is set back. */
export const readLimits = (draft: Draft, touched: readonly string[]): Reading => {
  const text = (id: LimitField): string => draft[id] ?? ''
  const reads: Record<LimitField, ReadNumber> = {
    concurrency: readNumber(text('concurrency'), { min: 1, max: 1_000_000, whole, optional }),
    rate: readNumber(text('rate'), { min: 1, max: 10_000_000, whole, optional }),
    per: readSpan(text('per'), { min: 1, max: 86_400_000, optional }),
    depth: readNumber(text('depth'), { min: 1, max: 1_000_000_000, whole, optional }),
    kept: readNumber(text('kept'), { min: 0, max: 10_000_000, whole, optional }),
    age: readSpan(text('age'), { min: 60_000, max: 31_536_000_000, optional }),
  }
  const errors = Object.fromEntries(
    Object.entries(reads).flatMap(([id, read]) => ('error' in read ? [[id, read.error]] : [])),
  ) as Reading['errors']
  const [max, duration_ms] = [valueOf(reads.rate), valueOf(reads.per)]
  if (max === null && duration_ms !== null && !errors.rate) errors.rate = 'How many may start in that time?'
  if (max !== null && duration_ms === null && !errors.per) errors.per = 'In what time may they start?'
  const [completed_count, completed_age_ms] = [valueOf(reads.kept), valueOf(reads.age)]
  const is = (...ids: LimitField[]): boolean => ids.some((id) => touched.includes(id))
  return {
    patch: {
      ...(is('concurrency') && { global_concurrency: valueOf(reads.concurrency) }),
      ...(is('rate', 'per') && { rate_limit: max === null || duration_ms === null ? null : { max, duration_ms } }),
      ...(is('depth') && { depth_limit: valueOf(reads.depth) }),
      ...(is('kept', 'age') && {
        retention: completed_count === null && completed_age_ms === null ? null : { completed_count, completed_age_ms },
      }),
    },
    errors,
  }
}

/** The names of fields, for telling what somebody else changed. */
export const fieldNames = (ids: readonly string[]): string =>
  limitFields
    .filter(({ id }) => ids.includes(id))
    .map(({ label }) => label.toLowerCase())
    .join(', ')

/** What holds where nothing is said. */
export const retentionWords = ({ own, config }: Pick<Queue, 'own' | 'config'>): string => {
  if (config.retention !== null) return 'Tidied once a minute.'
  return own
    ? 'Nothing is set: 100,000 completed jobs are kept, for seven days.'
    : 'Nothing is set: completed jobs of another service are left alone.'
}
