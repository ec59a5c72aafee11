// At which attempt jobs end: how many succeed on it, die on it, or wait for the next one.
import type { RetryMetrics } from '../../../shared/metrics/contract.ts'
import { wordAxis } from '../../charts/axis.ts'
import { chart, spanNote } from '../../charts/kind.ts'
import { isFull, type Series } from '../../charts/picture.ts'
import { shareWords } from '../../charts/readings.ts'
import { retryWindow } from '../../charts/scope.ts'
import { count, countOf } from '../../ui/format.ts'

type Row = RetryMetrics['distribution'][number]

export const retryAttempts = chart<RetryMetrics>({
  id: 'retry-attempts',
  title: 'Attempts until the end',
  topics: ['retry:*', 'dlq:entry-added'],
  note: spanNote,
  load: (api, { scope, signal }) => api.metrics.retry({ query: retryWindow(scope), signal }),
  picture({ distribution }, { from, to }) {
    if (distribution.every(({ succeeded, died, trying }) => succeeded + died + trying === 0)) return undefined
    const rows = distribution.slice(0, lastTold(distribution) + 1)
    const series = seriesOf(rows)
    return {
      axis: wordAxis('Attempt', rows.map(({ attempt }) => attempt)), // prettier-ignore
      series,
      reading: readingOf(rows),
      marks: [],
      leads: (bucket) =>
        isFull(series, bucket) ? { route: 'timeline', search: { from, to, color: 'attempt', q: stateOf(bucket) } } : undefined, // prettier-ignore
      offersLog: true,
    }
  },
  empty: (_, { words }) => ({ words: `No job ended ${words}.`, good: false }),
})

/** Behind the first attempt are mostly jobs that just completed: those that were retried are of more interest. */
const stateOf = (bucket: number): string => (bucket === 0 ? 'state:retrying state:failed' : '')

/** Three attempts at least, so that one bar does not fill the picture. */
const LEAST = 3
const lastTold = (rows: readonly Row[]): number =>
  Math.max(LEAST - 1, rows.findLastIndex(({ succeeded, died, trying }) => succeeded + died + trying > 0)) // prettier-ignore

const seriesOf = (rows: readonly Row[]): Series[] => [
  { key: 'died', label: 'Died on it', unit: 'jobs', as: 'bars', look: { ink: 'fill-dead', pattern: 'hatch' }, y: rows.map(({ died }) => died) }, // prettier-ignore
  { key: 'trying', label: 'Waits for the next', unit: 'jobs', as: 'bars', look: { ink: 'fill-retrying', pattern: 'stripes', edge: 'state-retrying' }, y: rows.map(({ trying }) => trying) }, // prettier-ignore
  { key: 'succeeded', label: 'Succeeded on it', unit: 'jobs', as: 'bars', look: { ink: 'fill-done', pattern: 'plain', edge: 'state-done' }, y: rows.map(({ succeeded }) => succeeded) }, // prettier-ignore
]

const sum = (rows: readonly Row[], of: (row: Row) => number): number => rows.reduce((total, row) => total + of(row), 0)
/** So many of those that succeed in the end say how many attempts are worth it. */
const MOST = 0.9

export const readingOf = (rows: readonly Row[]): string => {
  const later = rows.slice(1)
  const saved = sum(later, ({ succeeded }) => succeeded)
  const [died, trying] = [sum(rows, (row) => row.died), sum(rows, (row) => row.trying)]
  const dead = died === 0 ? 'None died' : `${count(died)} died`
  if (saved + trying === 0) return `No job was saved by a retry. ${dead}.`
  const still = trying === 0 ? '' : `, ${count(trying)} wait for another attempt`
  if (saved === 0) return `No retry has succeeded yet. ${dead}${still}.`
  const enough = later.findIndex((_, index) => sum(later.slice(0, index + 1), (row) => row.succeeded) >= MOST * saved)
  const byThen = sum(later.slice(0, enough + 1), ({ succeeded }) => succeeded)
  const tried = saved + trying + sum(later, (row) => row.died)
  const attempt = rows[enough + 1]?.attempt ?? ''
  return `${shareWords(byThen, tried)} of ${countOf(tried, 'job')} that needed a retry succeeded by attempt ${attempt}. ${dead}${still}.`
}
