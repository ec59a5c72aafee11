// Dead letters over time: what came, by cause, what left, and how many lie there.
import type { Timeseries } from '../../../shared/metrics/contract.ts'
import { axisOf, isTold, marksOf, seriesOf, spanOf } from '../../charts/from-series.ts'
import { chart, spanNote } from '../../charts/kind.ts'
import { isFull, lineLook, lookAt, restLook, sumOf, type Series } from '../../charts/picture.ts'
import { askedSpan, type Scope } from '../../charts/scope.ts'
import { count, countOf } from '../../ui/format.ts'
import { deadLettersIn } from './link.ts'

/** Keys of columns that are no cause. */
const beside = new Set(['others', 'left', 'open'])

export const deadLetters = chart<Timeseries>({
  id: 'dead-letters',
  title: 'Dead letters',
  topics: ['dlq:*'],
  note: spanNote,
  load: (api, { scope, now, signal }) =>
    api.metrics.timeseries({
      query: { metric: 'dlq', group_by: 'fingerprint', ...askedSpan(scope, now) },
      signal,
    }),
  picture(told, scope) {
    const causes = told.series
      .filter(({ key }) => !beside.has(key))
      .map(({ key }, place) => seriesOf(told, key, lookAt(place), 'bars'))
      .filter(isTold)
    const others = seriesOf(told, 'others', restLook, 'bars')
    const left = seriesOf(told, 'left', { ink: 'fill-done', pattern: 'plain', edge: 'state-done' }, 'down')
    const open = seriesOf(told, 'open', lineLook, 'line', 'Open (right)')
    const came = [...causes, others].filter(isTold)
    if ([...came, left, open].filter(isTold).every(({ y }) => sumOf(y) === 0)) return undefined
    const axis = axisOf(told, scope)
    const series = [...came, left, open].filter(isTold)
    return {
      axis,
      series,
      reading: readingOf(causes, sumsOf(came, left, open, scope), scope.words),
      marks: marksOf(told),
      leads: (bucket) => (isFull(came, bucket) ? deadLettersIn(spanOf(axis, bucket)) : undefined),
    }
  },
  empty: (_, { words }) => ({ words: `No dead letters, and none came ${words}.`, good: true }),
})

const lastOf = (series: Series | undefined): number => series?.y.findLast((value) => value !== null) ?? 0

const sumsOf = (came: readonly Series[], left: Series | undefined, open: Series | undefined, { to }: Scope): Sums => ({
  came: came.reduce((sum, { y }) => sum + sumOf(y), 0),
  left: sumOf(left?.y ?? []),
  open: lastOf(open),
  isLive: to === undefined,
})

interface Sums {
  came: number
  left: number
  open: number
  /** Whether the span lasts until now. */
  isLive: boolean
}

export const readingOf = (causes: readonly Series[], { came, left, open, isLive }: Sums, span: string): string => {
  const now = `${count(open)} ${openWords(open, isLive)}`
  const gone =
    left === 0
      ? 'none was resubmitted or discarded'
      : `${count(left)} ${left === 1 ? 'was' : 'were'} resubmitted or discarded`
  if (came === 0) return `None came ${span}, ${gone}; ${now}.`
  const first = causes.toSorted((a, b) => sumOf(b.y) - sumOf(a.y))[0]
  const most = first && sumOf(first.y) * 2 > came ? ` Most are “${brief(first.label)}” (${count(sumOf(first.y))}).` : ''
  return `${countOf(came, 'dead letter')} came ${span}, ${gone}; ${now}.${most}`
}

const openWords = (open: number, isLive: boolean): string => {
  if (!isLive) return open === 1 ? 'was open then' : 'were open then'
  return open === 1 ? 'is open' : 'are open'
}

const BRIEF = 60
const brief = (title: string): string => (title.length <= BRIEF ? title : `${title.slice(0, BRIEF - 1)}…`)
