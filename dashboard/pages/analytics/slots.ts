// Jobs that run beside how many could: room between the two is idle, touching is full.
import { axisOf, isTold, marksOf, seriesOf, spanOf } from '../../charts/from-series.ts'
import { chart, spanNote } from '../../charts/kind.ts'
import { loadMetric, type Told } from '../../charts/metric.ts'
import { isFull, lineLook, sumOf } from '../../charts/picture.ts'
import { shareWords } from '../../charts/readings.ts'

export const slots = chart<Told>({
  id: 'slots',
  title: 'Slots in use',
  topics: ['job:*'],
  note: spanNote,
  load: (api, asked) => loadMetric(api, 'slots', asked, { byQueue: false }),
  picture({ now }, scope) {
    const running = seriesOf(now, 'running', { ink: 'fill-running', pattern: 'plain' }, 'bars')
    const capacity = seriesOf(now, 'slots', lineLook, 'curve')
    if (!running || sumOf(capacity?.y ?? []) + sumOf(running.y) === 0) return undefined
    const axis = axisOf(now, scope)
    return {
      axis,
      series: [running, capacity].filter(isTold),
      reading: readingOf(running.y, capacity?.y ?? []),
      marks: marksOf(now),
      leads: (bucket) => (isFull([running], bucket) ? { route: 'timeline', search: { ...spanOf(axis, bucket), group: 'worker' } } : undefined), // prettier-ignore
    }
  },
  empty: (_, { words }) => ({ words: `No worker of ours was there ${words}.`, good: false }),
})

const FULL = 0.95

export const readingOf = (running: readonly (number | null)[], capacity: readonly (number | null)[]): string => {
  const both = running.flatMap((some, at) => (some === null || !capacity[at] ? [] : [{ some, all: capacity[at] }]))
  const last = both.at(-1)
  if (!last) return 'No worker of ours was there to have slots.'
  const full = both.filter(({ some, all }) => some >= FULL * all).length
  const often = full === 0 ? 'They were never full.' : `They were full in ${shareWords(full, both.length)} of the time.`
  return `${last.some} of ${last.all} slots are in use. ${often}`
}
