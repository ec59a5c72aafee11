// How long runs took over time, as a map: two bands beside each other are two kinds of work in one.
import type { Timeseries } from '../../../shared/metrics/contract.ts'
import { axisOf, spanOf } from '../../charts/from-series.ts'
import { spanNote } from '../../charts/kind.ts'
import { loadMetric } from '../../charts/metric.ts'
import { ownChart } from '../../charts/own.ts'
import type { Scope } from '../../charts/scope.ts'
import { shareWords } from '../../charts/readings.ts'
import type { SearchChanges } from '../../path.ts'
import { count, countOf, duration } from '../../ui/format.ts'

export interface MapRow {
  key: string
  /** `1 s to 2 s`. */
  words: string
  y: readonly (number | null)[]
  total: number
}

/** Rows from the shortest that has runs to the longest. */
export const mapRows = ({ series }: Pick<Timeseries, 'series'>): MapRow[] => {
  const rows = series.map(({ key, y }, at) => ({
    key,
    words: wordsOf(at, series.length),
    y,
    total: y.reduce<number>((sum, value) => sum + (value ?? 0), 0),
  }))
  const first = rows.findIndex(({ total }) => total > 0)
  return first < 0 ? [] : rows.slice(first, rows.findLastIndex(({ total }) => total > 0) + 1)
}

const wordsOf = (row: number, rows: number): string => {
  const from = 2 ** row - 1
  return row === rows - 1 ? `${duration(from)} or more` : `${duration(from)} to ${duration(2 ** (row + 1) - 1)}`
}

/** Rows that have more than both their neighbours, and a tenth of all at least. */
export const peaksOf = (rows: readonly MapRow[]): MapRow[] => {
  const all = rows.reduce((sum, { total }) => sum + total, 0)
  return rows.filter(
    ({ total }, at) => total >= all / 10 && total > (rows[at - 1]?.total ?? 0) && total >= (rows[at + 1]?.total ?? 0),
  )
}

export const readingOf = (rows: readonly MapRow[]): string => {
  const all = rows.reduce((sum, { total }) => sum + total, 0)
  const peaks = peaksOf(rows)
  const [one, other] = peaks
  if (one && other)
    return `${countOf(all, 'run')}, in ${peaks.length} groups: around ${peaks.map(({ words }) => words).join(', and ')}.`
  const most = [...rows].sort((a, b) => b.total - a.total)[0]
  return most ? `${countOf(all, 'run')}, ${shareWords(most.total, all)} of them ${most.words}.` : ''
}

export const durationMap = ownChart<Timeseries>({
  id: 'duration-map',
  title: 'How long runs took',
  topics: ['job:*'],
  note: spanNote,
  load: async (api, asked) => (await loadMetric(api, 'duration_hist', asked)).now,
  empty: (told, scope) => (mapRows(told).length === 0 ? `No job ended ${scope.words}.` : undefined),
  reading: (told) => readingOf(mapRows(told)),
  table: (told, scope) => {
    const rows = mapRows(told)
    const axis = axisOf(told, scope)
    return {
      columns: ['Time', ...rows.map(({ words }) => words)],
      rows: axis.starts
        .map((_, bucket) => ({
          key: String(bucket),
          leads: { timeline: cellSearch(told, scope, bucket) },
          cells: [axis.label(bucket), ...rows.map(({ y }) => (y[bucket] == null ? '' : count(y[bucket] ?? 0)))],
        }))
        .reverse(),
    }
  },
})

/** The runs of a bucket as a table, in a link to the timeline. */
export const cellSearch = (told: Timeseries, scope: Scope, bucket: number): SearchChanges => ({
  ...spanOf(axisOf(told, scope), bucket),
  view: 'table',
  q: scope.queue,
})
