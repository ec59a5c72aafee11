// Dead letters over time: what came, by cause, what left, and how many lie there.
import type { Timeseries } from '../../../shared/metrics/contract.ts'
import { axisOf, isTold, marksOf, seriesOf, spanOf } from '../../charts/from-series.ts'
import { chart, spanNote } from '../../charts/kind.ts'
import { isFull, lineLook, lookAt, restLook, sumOf, type Series } from '../../charts/picture.ts'
import { askedSpan } from '../../charts/scope.ts'
import { count, countOf } from '../../ui/format.ts'

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
      reading: readingOf(causes, { came: came.reduce((sum, { y }) => sum + sumOf(y), 0), left: sumOf(left?.y ?? []), open: lastOf(open) }, scope.words), // prettier-ignore
      marks: marksOf(told),
      leads: (bucket) => (isFull(came, bucket) ? { route: 'deadLetters', search: spanOf(axis, bucket) } : undefined),
    }
  },
  empty: (_, { words }) => ({ words: `No dead letters, and none came in ${words}.`, good: true }),
})

const lastOf = (series: Series | undefined): number => series?.y.findLast((value) => value !== null) ?? 0

interface Sums {
  came: number
  left: number
  open: number
}

export const readingOf = (causes: readonly Series[], { came, left, open }: Sums, span: string): string => {
  const now = `${count(open)} ${open === 1 ? 'is' : 'are'} open`
  const gone = left === 0 ? 'none left' : `${count(left)} left`
  if (came === 0) return `None came in ${span}, ${gone}; ${now}.`
  const first = causes.toSorted((a, b) => sumOf(b.y) - sumOf(a.y))[0]
  const most = first && sumOf(first.y) * 2 > came ? ` Most are “${brief(first.label)}” (${count(sumOf(first.y))}).` : ''
  return `${countOf(came, 'dead letter')} came in ${span}, ${gone}; ${now}.${most}`
}

const BRIEF = 60
const brief = (title: string): string => (title.length <= BRIEF ? title : `${title.slice(0, BRIEF - 1)}…`)
