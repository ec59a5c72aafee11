// Jobs in line by queue, and how long the first of them has waited.
import { axisOf, isTold, marksOf, seriesOf } from '../../charts/from-series.ts'
import { chart, spanNote } from '../../charts/kind.ts'
import { loadMetric, type Told } from '../../charts/metric.ts'
import { isFull, lineLook, lookAt, restLook, sumOf, type Series } from '../../charts/picture.ts'
import { count, duration } from '../../ui/format.ts'

export const backlog = chart<Told>({
  id: 'backlog',
  title: 'In line',
  topics: ['job:*'],
  note: spanNote,
  load: (api, asked) => loadMetric(api, 'backlog', asked),
  picture({ now }, scope) {
    const queues = now.series.filter(({ key }) => key.startsWith('queue '))
    const bars = [
      ...queues.map(({ key }, place) => seriesOf(now, key, lookAt(place), 'bars')),
      seriesOf(now, 'rest', restLook, 'bars'),
    ].filter(isTold)
    const oldest = seriesOf(now, 'oldest_s', lineLook, 'line', 'First in line has waited (right)')
    if (bars.every(({ y }) => sumOf(y) === 0)) return undefined
    return {
      axis: axisOf(now, scope),
      series: [...bars, oldest].filter(isTold),
      reading: readingOf(bars, oldest?.y ?? []),
      marks: marksOf(now),
      leads: (bucket) => (isFull(bars, bucket) ? { route: 'jobs', search: { q: `state:waiting state:prioritized${scope.queue === undefined ? '' : ` queue:${scope.queue}`}` } } : undefined), // prettier-ignore
      offersLog: true,
    }
  },
  empty: (_, { words }) => ({ words: `Nothing waited for a worker ${words}.`, good: true }),
})

export const readingOf = (bars: readonly Series[], oldest: readonly (number | null)[]): string => {
  const length = Math.max(0, ...bars.map(({ y }) => y.length))
  const all = Array.from({ length }, (_, bucket) => bars.reduce((sum, { y }) => sum + (y[bucket] ?? 0), 0))
  const last = all.findLastIndex((_, bucket) => bars.some(({ y }) => y[bucket] !== null))
  const most = Math.max(0, ...all)
  const longest = [...bars].sort((a, b) => (b.y[last] ?? 0) - (a.y[last] ?? 0))[0]
  const now = all[last] ?? 0
  if (now === 0) return `Nothing waits; at most ${count(most)} did.`
  const where = longest && bars.length > 1 ? `, most in ${longest.label}` : ''
  return `${count(now)} in line${where}, at most ${count(most)}. The first has waited ${duration((oldest[last] ?? 0) * 1_000)}.`
}
