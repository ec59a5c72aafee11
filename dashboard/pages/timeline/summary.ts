// A window of the timeline in a few sentences, to be read or listened to.
import type { Layout } from '../../gantt/layout.ts'
import { tallyOf } from '../../gantt/area.ts'
import type { Lane } from '../../gantt/lane.ts'
import type { TimeWindow } from '../../gantt/scale.ts'
import { timeOf } from '../../gantt/times.ts'
import { count, countOf, duration } from '../../ui/format.ts'

/** How much ran, what went wrong and where, and how long it took. */
export const summaryOf = (layout: Layout, window: TimeWindow, now: number, zone: string): string => {
  const all = { ...window, lanes: [], isAll: true }
  const tally = tallyOf(layout, all, now)
  const when = `${timeOf(window.from, zone, 'minute')} to ${timeOf(Math.min(window.to, Math.max(now, window.from)), zone, 'minute')}`
  if (tally.runs === 0) return `${when}: nothing ran.`
  const running = layout.lanes.reduce((sum, lane) => sum + lane.running.length, 0)
  const lanes = countOf(layout.lanes.length, 'lane')
  const going = running > 0 && window.to >= now ? `, ${count(running)} still running` : ''
  const speed =
    tally.p50 === null ? '' : ` Half took at most ${duration(tally.p50)}, 95 of 100 at most ${duration(tally.p95)}.`
  return `${when}: ${countOf(tally.runs, 'run')} in ${lanes}${going}. ${troubleWords(layout, window, now, tally.dead, tally.troubled)}${speed}`
}

const troubleWords = (layout: Layout, window: TimeWindow, now: number, dead: number, troubled: number): string => {
  if (dead + troubled === 0) return 'Nothing failed.'
  const worst = layout.lanes.map((lane) => ({ lane, wrong: wrongIn(layout, lane, window, now) })).sort((a, b) => b.wrong - a.wrong)[0] // prettier-ignore
  const parts = [
    ...(dead > 0 ? [`${count(dead)} died`] : []),
    ...(troubled > 0 ? [`${count(troubled)} failed for now`] : []),
  ]
  const most = worst && worst.wrong * 2 > dead + troubled ? `, ${worst.wrong === dead + troubled ? 'all' : 'most'} in ${worst.lane.label}` : '' // prettier-ignore
  return `${parts.join(' and ')}${most}.`
}

const wrongIn = (layout: Layout, lane: Lane, window: TimeWindow, now: number): number => {
  const { dead, troubled } = tallyOf(layout, { ...window, lanes: [lane.label], isAll: false }, now)
  return dead + troubled
}
