// Retries over time and what they cost: how many by kind of error, and the worker time their failed attempts took.
import type { ErrorClass } from '../retries/words.ts'
import { told } from './frame.ts'
import type { Column } from './frame.ts'
import type { Sums } from './sums.ts'

const labels: Readonly<Record<ErrorClass, string>> = {
  transient: 'Transient',
  timeout: 'Timed out',
  rate_limited: 'Rate limited',
  circuit_open: 'Breaker open',
  unknown: 'Unknown',
  permanent: 'Permanent',
}
const classes = Object.keys(labels) as ErrorClass[]

/** Kinds of errors that were retried, then the seconds wasted by all, deaths included, then the mean wait before a retry. */
export const wasteColumns = (known: readonly boolean[], buckets: readonly Sums[]): Column[] => {
  // What was counted is known, also where it comes to nothing: an attempt that failed at once wasted no millisecond.
  const seen = buckets.map((bucket, index) => known[index] === true || bucket.size > 0)
  const sums = (of: (bucket: Sums) => number): (number | null)[] => told(seen, buckets.map(of))
  const retried = classes.map((error): Column => {
    const of = (bucket: Sums): number => (bucket.get(`f.${error}`) ?? 0) - (bucket.get(`x.${error}`) ?? 0)
    return { key: error, label: labels[error], unit: 'jobs', kind: 'sum', y: sums(of) }
  })
  const wastedMs = sums((bucket) => addUp(bucket, 'w.'))
  const retries = sums((bucket) => addUp(bucket, 'b.'))
  const waitedMs = sums((bucket) => addUp(bucket, 't.'))
  return [
    ...retried.filter(({ y }) => y.some((count) => count !== null && count > 0)),
    { key: 'wasted_s', label: 'Worker time wasted', unit: 's', kind: 'sum', y: wastedMs.map(seconds) },
    {
      key: 'delay_s',
      label: 'Mean wait before a retry',
      unit: 's',
      kind: 'level',
      y: waitedMs.map((ms, bucket) => (ms !== null && retries[bucket] ? seconds(ms / retries[bucket]) : null)),
    },
  ]
}

const addUp = (bucket: Sums, letter: string): number => {
  let total = 0
  for (const [name, value] of bucket) if (name.startsWith(letter)) total += value
  return total
}

const seconds = (ms: number | null): number | null => (ms === null ? null : Math.round(ms) / 1_000)
