// What a rule measured, as it is drawn: a line for each subject, the threshold across, and the times in which it was above.
import type { AlertSeries } from '../../../shared/alerts/contract.ts'
import { roundStep } from '../../charts/scale.ts'
import { countOf, duration } from '../../ui/format.ts'
import { valueWords } from '../alerts/model.ts'

type Unit = Parameters<typeof valueWords>[1]

/** A line is broken where nothing was measured. Places are shares of the picture, 0–1, from the left and from above. */
export interface Line {
  id: string
  label: string
  /** Points in a row; one alone is a dot. */
  runs: { x: number; y: number }[][]
}
/** From where to where an alert was pending or fired. */
export interface Band {
  key: string
  state: 'pending' | 'firing'
  x: number
  width: number
  title: string
}
export interface Drawing {
  lines: Line[]
  bands: Band[]
  /** Where the threshold lies. */
  threshold: number
  ticks: { y: number; label: string }[]
}

const STEPS = 4
/** Steps of counts are whole, those of time what people are used to. */
const unitOf = (unit: Unit): 's' | 'jobs' | 'share' =>
  unit === 's' ? 's' : unit === 'jobs' || unit === 'failures' ? 'jobs' : 'share'

/** The highest value of the scale, and its steps: round ones, with the threshold well below the top. */
const scaleOf = (series: AlertSeries, threshold: number, unit: Unit): number[] => {
  const most = Math.max(threshold * 1.25, ...series.series.flatMap(({ y }) => y.map((value) => value ?? 0)), unit === 'share' ? 0.01 : 1) // prettier-ignore
  const step = roundStep(most, STEPS, unitOf(unit))
  return Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, index) => Number((index * step).toFixed(6)))
}

const runsOf = (y: readonly (number | null)[], place: (value: number) => number): Line['runs'] => {
  const runs: Line['runs'] = []
  y.forEach((value, index) => {
    if (value === null) return
    const point = { x: (index + 0.5) / y.length, y: place(value) }
    if (index > 0 && y[index - 1] !== null) runs.at(-1)?.push(point)
    else runs.push([point])
  })
  return runs
}

export const drawingOf = (told: AlertSeries, threshold: number, unit: Unit): Drawing => {
  const steps = scaleOf(told, threshold, unit)
  const top = steps.at(-1) ?? 1
  const place = (value: number): number => 1 - Math.min(1, value / top)
  return {
    lines: told.series.map(({ subject, y }) => ({ id: subject.id, label: subject.label, runs: runsOf(y, place) })),
    bands: told.alerts.flatMap((alert) => bandsOf(alert, told)),
    threshold: place(threshold),
    ticks: steps.map((value) => ({ y: place(value), label: valueWords(value, unit).replace(' as usual', '') })),
  }
}

/** Times in which it was above: pending until it fired, then firing until it was resolved. */
const bandsOf = (alert: AlertSeries['alerts'][number], told: AlertSeries): Band[] => {
  const [start, end] = [told.x[0] ?? 0, Date.parse(told.to)]
  const fired = alert.fired_at === null ? end : Date.parse(alert.fired_at)
  const over = alert.resolved_at === null ? end : Date.parse(alert.resolved_at)
  const share = (at: number): number => Math.min(1, Math.max(0, (at - start) / Math.max(1, end - start)))
  const band = (state: Band['state'], from: number, to: number): Band[] => {
    const [x, until] = [share(from), share(to)]
    if (until <= x) return []
    const words = `${alert.subject.label}: ${state} for ${duration(to - from)}`
    return [{ key: `${alert.id}-${state}`, state, x, width: until - x, title: words }]
  }
  return [...band('pending', Date.parse(alert.since), fired), ...band('firing', fired, over)]
}

/** Points of a path, in a picture of 1,000 by 100. */
export const pathOf = (run: Line['runs'][number]): string =>
  run.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${(x * 1_000).toFixed(1)} ${(y * 100).toFixed(2)}`).join('')

/** The one sentence that says what there is to see. */
export const readingOf = (told: AlertSeries, when: string, unit: Unit): string => {
  const [worst] = told.series
  if (told.x.length === 0) return 'What rules measure is kept for a day, and this was before.'
  if (worst === undefined) return `Nothing was measured ${when}.`
  const most = Math.max(...worst.y.map((value) => value ?? 0))
  const end = Date.parse(told.to)
  const fired = told.alerts.filter(({ fired_at }) => fired_at !== null && Date.parse(fired_at) <= end).length
  return `Worst was ${worst.subject.label} with ${valueWords(most, unit)} ${when}. ${fired === 0 ? 'It did not fire' : `It fired ${timesWords(fired)}`}.`
}

const timesWords = (times: number): string => (times === 1 ? 'once' : times === 2 ? 'twice' : countOf(times, 'time'))

/** How often a rule would have fired with other limits, as far as minutes tell. */
export const backTest = (told: AlertSeries, { threshold, for_s }: { threshold: number; for_s: number }): number => {
  const least = Math.max(1, Math.ceil(for_s / told.step_s) + (for_s > 0 ? 1 : 0))
  return told.series.reduce((sum, { y }) => sum + stretches(y, threshold, least), 0)
}

/** Stretches of minutes above, of so many at least. */
const stretches = (y: readonly (number | null)[], threshold: number, least: number): number => {
  let [found, run] = [0, 0]
  for (const value of y) {
    run = value !== null && value > threshold ? run + 1 : 0
    if (run === least) found++
  }
  return found
}

export const backTestWords = (times: number, when: string): string =>
  times === 0
    ? `With these limits it would not have fired ${when}.`
    : `With these limits it would have fired ${timesWords(times)} ${when}.`
