// How long jobs waited and how long they ran: percentiles over all jobs of a bucket, never means of percentiles.
import { axisOf, isTold, marksOf, seriesOf, spanOf } from '../../charts/from-series.ts'
import { chart, spanNote, type Chart } from '../../charts/kind.ts'
import { beforeLine, loadMetric, type Told } from '../../charts/metric.ts'
import { restLook, sumOf, type Series } from '../../charts/picture.ts'
import { duration } from '../../ui/format.ts'

const lines = [
  { share: 50, ink: 'accent', dash: [] },
  { share: 95, ink: 'prio-high', dash: [4, 2] },
  { share: 99, ink: 'prio-critical', dash: [1, 2] },
] as const

const latency = (what: 'wait' | 'run', id: string, title: string): Chart<Told> =>
  chart<Told>({
    id,
    title,
    topics: ['job:*'],
    note: spanNote,
    load: (api, asked) => loadMetric(api, 'latency', asked),
    picture(told, scope) {
      const ended = seriesOf(told.now, 'ended', restLook, 'listed', 'Jobs that ended')
      if (sumOf(ended?.y ?? []) === 0) return undefined
      const axis = axisOf(told.now, scope)
      const drawn = lines.flatMap(({ share, ink, dash }): Series[] => {
        const found = seriesOf(told.now, `${what}_p${share}`, { ink, pattern: 'plain' }, 'curve', `${share} of 100`)
        return found ? [{ ...found, dash }] : []
      })
      return {
        axis,
        series: [...drawn, beforeLine(told, [`${what}_p95`], 'curve'), ended].filter(isTold),
        reading: readingOf(what, drawn),
        marks: marksOf(told.now),
        leads: (bucket) => ((ended?.y[bucket] ?? 0) > 0 ? { route: 'timeline', search: { ...spanOf(axis, bucket), view: 'table', q: scope.queue } } : undefined), // prettier-ignore
        offersLog: true,
      }
    },
    empty: (_, { words }) => ({ words: `No job ended ${words}.`, good: false }),
  })

export const waitTime = latency('wait', 'wait-time', 'Waited')
export const runTime = latency('run', 'run-time', 'Ran')

/** The highest of the 95s, and the last. */
export const readingOf = (what: 'wait' | 'run', drawn: readonly Series[]): string => {
  const known = (drawn.find(({ key }) => key === `${what}_p95`)?.y ?? []).flatMap((value) => value ?? [])
  const verb = what === 'wait' ? 'waited' : 'ran'
  const last = known.at(-1)
  if (last === undefined) return ''
  const most = Math.max(...known)
  const now = `95 of 100 jobs ${verb} at most ${duration(last * 1_000)} last`
  return most > last * 1.5 ? `${now}, at worst ${duration(most * 1_000)}.` : `${now}.`
}
