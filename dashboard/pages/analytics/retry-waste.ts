// Retries over time by kind of error, and the worker time that failed attempts took.
import type { Timeseries } from '../../../shared/metrics/contract.ts'
import { axisOf, isTold, marksOf, seriesOf, spanOf } from '../../charts/from-series.ts'
import { chart, spanNote } from '../../charts/kind.ts'
import { SERIES_MAX, isFull, lineLook, lookAt, restLook, sumOf, type Series } from '../../charts/picture.ts'
import { mostly, turnOf, turnWords } from '../../charts/readings.ts'
import { askedSpan } from '../../charts/scope.ts'
import { edge } from '../../charts/words.ts'
import { countOf, duration } from '../../ui/format.ts'

/** The timeline goes no further back. */
const DAY_MS = 86_400_000
/** Kinds of errors always look the same, whichever there are. */
const classes = ['transient', 'timeout', 'rate_limited', 'circuit_open', 'unknown', 'permanent']

export const retryWaste = chart<Timeseries>({
  id: 'retry-waste',
  title: 'Retries and what they waste',
  topics: ['retry:*', 'dlq:entry-added'],
  note: spanNote,
  load: (api, { scope, now, signal }) =>
    api.metrics.timeseries({ query: { metric: 'retry_waste', ...askedSpan(scope, now) }, signal }),
  picture(told, scope) {
    const bars = barsOf(told)
    const wasted = seriesOf(told, 'wasted_s', lineLook, 'line', 'Worker time wasted (right)')
    const delay = seriesOf(told, 'delay_s', restLook, 'listed')
    if (bars.every(({ y }) => sumOf(y) === 0) && sumOf(wasted?.y ?? []) === 0) return undefined
    const axis = axisOf(told, scope)
    const series = [...bars, wasted, delay].filter(isTold)
    return {
      axis,
      series,
      reading: readingOf(bars, told.totals['wasted_s'] ?? 0, (bucket) => edge(axis, bucket)),
      marks: marksOf(told),
      leads: (bucket) =>
        isFull(series, bucket) && (axis.starts[bucket] ?? 0) > Date.parse(told.to) - DAY_MS
          ? {
              route: 'timeline',
              search: { ...spanOf(axis, bucket), color: 'status', q: 'state:retrying state:failed' },
            }
          : undefined,
    }
  },
  empty: (_, { words }) => ({ words: `No attempt failed ${words}.`, good: true }),
})

const barsOf = (told: Timeseries): Series[] =>
  classes.map((key, place) => seriesOf(told, key, place < SERIES_MAX ? lookAt(place) : restLook, 'bars')).filter(isTold)

/** `at` says when a bucket begins. */
export const readingOf = (bars: readonly Series[], wastedS: number, at: (bucket: number) => string): string => {
  const length = Math.max(0, ...bars.map(({ y }) => y.length))
  const all = Array.from({ length }, (_, bucket) =>
    bars.every(({ y }) => y[bucket] === null) ? null : bars.reduce((sum, { y }) => sum + (y[bucket] ?? 0), 0),
  )
  const total = sumOf(all)
  if (total === 0) return `Nothing was tried again; failed attempts took ${duration(wastedS * 1_000)} of worker time.`
  const kind = mostly(bars)
  const turn = turnOf(all)
  const turned = turn ? ` They ${turnWords(turn)} at ${at(turn.bucket)}.` : ''
  return `${countOf(total, 'retry', 'retries')}${kind === '' ? '' : `, ${kind}`}. Failed attempts took ${duration(wastedS * 1_000)} of worker time.${turned}`
}
