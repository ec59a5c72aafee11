// How attempts ended over time: deaths at the base, so that their height can be read.
import { axisOf, isTold, marksOf, seriesOf, spanOf } from '../../charts/from-series.ts'
import { chart, spanNote } from '../../charts/kind.ts'
import { beforeLine, besideWords, loadMetric, type Told } from '../../charts/metric.ts'
import { isFull, sumOf, type Look, type Series } from '../../charts/picture.ts'
import { shareWords, turnOf, turnWords } from '../../charts/readings.ts'
import { edge } from '../../charts/words.ts'
import { count, countOf } from '../../ui/format.ts'

const kinds: readonly { key: string; look: Look }[] = [
  { key: 'failed', look: { ink: 'fill-failed', pattern: 'plain' } },
  { key: 'retried', look: { ink: 'fill-retrying', pattern: 'stripes', edge: 'state-retrying' } },
  { key: 'cancelled', look: { ink: 'state-cancelled', pattern: 'dots' } },
  { key: 'completed', look: { ink: 'fill-done', pattern: 'plain', edge: 'state-done' } },
]
const keys = kinds.map(({ key }) => key)

export const outcomes = chart<Told>({
  id: 'outcomes',
  title: 'Outcomes',
  topics: ['job:*'],
  note: spanNote,
  load: (api, asked) => loadMetric(api, 'outcomes', asked),
  picture(told, scope) {
    const bars = kinds.map(({ key, look }) => seriesOf(told.now, key, look, 'bars')).filter(isTold)
    if (bars.every(({ y }) => sumOf(y) === 0)) return undefined
    const axis = axisOf(told.now, scope)
    return {
      axis,
      series: [...bars, beforeLine(told, keys, 'curve')].filter(isTold),
      reading: readingOf(bars, (bucket) => edge(axis, bucket)) + besideWords(total(bars), told.before && totalOf(told.before.totals), 'in the time before'), // prettier-ignore
      marks: marksOf(told.now),
      leads: (bucket) => (isFull(bars, bucket) ? { route: 'timeline', search: { ...spanOf(axis, bucket), color: 'status', q: scope.queue } } : undefined), // prettier-ignore
      offersLog: true,
    }
  },
  empty: (_, { words }) => ({ words: `No attempt ended ${words}.`, good: false }),
})

const total = (bars: readonly Series[]): number => bars.reduce((sum, { y }) => sum + sumOf(y), 0)
const totalOf = (totals: Readonly<Record<string, number>>): number =>
  keys.reduce((sum, key) => sum + (totals[key] ?? 0), 0)

export const readingOf = (bars: readonly Series[], at: (bucket: number) => string): string => {
  const sum = (key: string): number => sumOf(bars.find((one) => one.key === key)?.y ?? [])
  const [all, failed] = [total(bars), bars.find(({ key }) => key === 'failed')]
  const died = sum('failed')
  const first = `${countOf(all, 'attempt')} ended, ${died === 0 ? 'none' : `${count(died)} (${shareWords(died, all)})`} as dead letters.`
  const turn = failed && turnOf(failed.y)
  return turn ? `${first} Deaths ${turnWords(turn)} at ${at(turn.bucket)}.` : first
}
