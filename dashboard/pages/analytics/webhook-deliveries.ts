// What endpoints answered, and how long they took.
import { axisOf, isTold, marksOf, seriesOf } from '../../charts/from-series.ts'
import { chart, spanNote } from '../../charts/kind.ts'
import { beforeLine, besideWords, loadMetric, type Told } from '../../charts/metric.ts'
import { lineLook, restLook, sumOf, type Look, type Series } from '../../charts/picture.ts'
import { mostly, shareWords } from '../../charts/readings.ts'
import { countOf } from '../../ui/format.ts'

const kinds: readonly { key: string; look: Look }[] = [
  { key: 'timeout', look: { ink: 'fill-retrying', pattern: 'stripes', edge: 'state-retrying' } },
  { key: 'refused', look: restLook },
  { key: 'status_5xx', look: { ink: 'fill-failed', pattern: 'plain' } },
  { key: 'status_4xx', look: { ink: 'fill-held', pattern: 'dots' } },
  { key: 'status_2xx', look: { ink: 'fill-done', pattern: 'plain', edge: 'state-done' } },
]
const keys = kinds.map(({ key }) => key)

export const webhookDeliveries = chart<Told>({
  id: 'webhook-deliveries',
  title: 'Webhook deliveries',
  topics: ['webhook:*'],
  note: spanNote,
  load: (api, asked) => loadMetric(api, 'webhook_deliveries', asked, { byQueue: false }),
  picture(told, scope) {
    const bars = kinds.map(({ key, look }) => seriesOf(told.now, key, look, 'bars')).filter(isTold)
    const p95 = seriesOf(told.now, 'p95_s', lineLook, 'line', '95 of 100 took no longer (right)')
    const all = bars.reduce((sum, { y }) => sum + sumOf(y), 0)
    if (all === 0) return undefined
    const before = told.before && keys.reduce((sum, key) => sum + (told.before?.totals[key] ?? 0), 0)
    return {
      axis: axisOf(told.now, scope),
      series: [...bars, beforeLine(told, keys, 'curve'), p95].filter(isTold),
      reading: readingOf(bars) + besideWords(all, before, 'in the time before'),
      marks: marksOf(told.now),
      leads: () => ({ route: 'webhooks', search: {} }),
    }
  },
  empty: (_, { words }) => ({ words: `No delivery was tried ${words}.`, good: false }),
})

export const readingOf = (bars: readonly Series[]): string => {
  const all = bars.reduce((sum, { y }) => sum + sumOf(y), 0)
  const good = sumOf(bars.find(({ key }) => key === 'status_2xx')?.y ?? [])
  const bad = bars.filter(({ key }) => key !== 'status_2xx')
  const what = mostly(bad)
  const failed =
    all === good ? 'None failed.' : `${countOf(all - good, 'attempt')} failed${what === '' ? '' : `, ${what}`}.`
  return `${shareWords(good, all)} of ${countOf(all, 'attempt')} arrived. ${failed}`
}
