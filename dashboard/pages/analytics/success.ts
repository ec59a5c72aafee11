// Which share of jobs went well, at the first attempt and in the end; shares of few jobs say little and are left out.
import { axisOf, isTold, marksOf, seriesOf, spanOf } from '../../charts/from-series.ts'
import { chart, spanNote } from '../../charts/kind.ts'
import { beforeLine, loadMetric, type Told } from '../../charts/metric.ts'
import { restLook, sumOf, type Series } from '../../charts/picture.ts'
import { shareWords } from '../../charts/readings.ts'
import { countOf, percent } from '../../ui/format.ts'

/** A share of fewer jobs than this is not drawn. */
const LEAST = 20

export const success = chart<Told>({
  id: 'success',
  title: 'Success',
  topics: ['job:*'],
  note: spanNote,
  load: (api, asked) => loadMetric(api, 'success_rate', asked),
  picture(told, scope) {
    const ended = seriesOf(told.now, 'ended', restLook, 'listed', 'Jobs that ended')
    if (sumOf(ended?.y ?? []) === 0) return undefined
    const axis = axisOf(told.now, scope)
    const shares = [
      seriesOf(told.now, 'final', { ink: 'state-done', pattern: 'plain' }, 'curve', 'In the end'),
      seriesOf(told.now, 'first', { ink: 'accent', pattern: 'plain' }, 'curve', 'At the first attempt'),
    ].filter(isTold)
    const drawn = shares.map((one, at) => ({ ...enough(one, ended?.y ?? []), dash: at === 0 ? [] : [4, 2] }))
    return {
      axis,
      series: [...drawn, beforeLine(told, ['final'], 'curve'), ended].filter(isTold),
      reading: readingOf(shares, ended?.y ?? []),
      marks: marksOf(told.now),
      leads: (bucket) => ((ended?.y[bucket] ?? 0) > 0 ? { route: 'timeline', search: { ...spanOf(axis, bucket), color: 'status', q: 'state:failed state:retrying' } } : undefined), // prettier-ignore
    }
  },
  empty: (_, { words }) => ({ words: `No job ended ${words}.`, good: false }),
})

/** Buckets with too few jobs left out; when all are such, all are told. */
const enough = (series: Series, ended: readonly (number | null)[]): Series => {
  if (ended.every((many) => (many ?? 0) < LEAST)) return series
  return { ...series, y: series.y.map((share, bucket) => ((ended[bucket] ?? 0) < LEAST ? null : share)) }
}

/** Shares over the whole span, each bucket weighed by its jobs, and the worst bucket. */
export const readingOf = (shares: readonly Series[], ended: readonly (number | null)[]): string => {
  const all = sumOf(ended)
  const over = (key: string): number =>
    (shares.find((one) => one.key === key)?.y ?? []).reduce<number>((sum, share, bucket) => sum + (share ?? 0) * (ended[bucket] ?? 0), 0) // prettier-ignore
  const worst = Math.min(1, ...enough(shares[0] ?? ({ y: [] } as never), ended).y.flatMap((share) => share ?? []))
  const low = worst < 1 ? ` At worst ${percent(worst)} did.` : ''
  return `${shareWords(Math.round(over('final')), all)} of ${countOf(all, 'job')} completed, ${shareWords(Math.round(over('first')), all)} at the first attempt.${low}`
}
