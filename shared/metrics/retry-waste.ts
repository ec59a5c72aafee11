// Retries over time and what they cost: how many by kind of error, and the worker time their failed attempts took.
import type { ErrorClass } from '../retries/words.ts'
import { bucketSums } from './frame.ts'
import type { Column, Frame } from './frame.ts'

const labels: Readonly<Record<ErrorClass, string>> = {
  transient: 'Transient',
  timeout: 'Timed out',
  rate_limited: 'Rate limited',
  circuit_open: 'Breaker open',
  unknown: 'Unknown',
  permanent: 'Permanent',
}
const classes = Object.keys(labels) as ErrorClass[]

/** Counts of one minute by name, as `retry-counts.ts` names them. */
type Counts = ReadonlyMap<string, number>

/** Kinds of errors that were retried, then the seconds wasted by all, deaths included, then the mean wait before a retry. */
export const wasteColumns = (frame: Frame, known: readonly boolean[], minutes: readonly Counts[]): Column[] => {
  const sums = (of: (minute: Counts) => number): (number | null)[] => bucketSums(frame, known, minutes.map(of))
  const retried = classes.map((error): Column => {
    const of = (minute: Counts): number => (minute.get(`f.${error}`) ?? 0) - (minute.get(`x.${error}`) ?? 0)
    return { key: error, label: labels[error], unit: 'jobs', kind: 'sum', y: sums(of) }
  })
  const wastedMs = sums((minute) => addUp(minute, 'w.'))
  const retries = sums((minute) => addUp(minute, 'b.'))
  const waitedMs = sums((minute) => addUp(minute, 't.'))
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

const addUp = (minute: Counts, letter: string): number => {
  let total = 0
  for (const [name, value] of minute) if (name.startsWith(letter)) total += value
  return total
}

const seconds = (ms: number | null): number | null => (ms === null ? null : Math.round(ms) / 1_000)
