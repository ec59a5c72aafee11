// What became of attempts over time: how many ended how, and which share went well.
import { told } from './frame.ts'
import type { Column } from './frame.ts'
import type { Sums } from './sums.ts'

const kinds = [
  { key: 'failed', label: 'Died' },
  { key: 'retried', label: 'Failed for now' },
  { key: 'cancelled', label: 'Cancelled' },
  { key: 'completed', label: 'Completed' },
] as const

export const outcomeColumns = (known: readonly boolean[], buckets: readonly Sums[]): Column[] =>
  kinds.map(({ key, label }) => ({
    ...{ key, label, unit: 'jobs', kind: 'sum' },
    y: told(known, buckets.map((sums) => sums.get(key) ?? 0)), // prettier-ignore
  }))

/** Shares of the jobs that ended: completed at the first attempt, and in the end; null where none ended. */
export const rateColumns = (known: readonly boolean[], buckets: readonly Sums[]): Column[] => {
  const ended = buckets.map((sums) => (sums.get('completed') ?? 0) + (sums.get('failed') ?? 0))
  const share = (counter: string): (number | null)[] =>
    buckets.map((sums, bucket) => ((ended[bucket] ?? 0) === 0 ? null : (sums.get(counter) ?? 0) / (ended[bucket] ?? 1)))
  return [
    { key: 'first', label: 'Completed at the first attempt', unit: 'share', kind: 'level', y: share('first') },
    { key: 'final', label: 'Completed in the end', unit: 'share', kind: 'level', y: share('completed') },
    { key: 'ended', label: 'Ended', unit: 'jobs', kind: 'sum', y: told(known, ended) },
  ]
}
