// From a picture to what the engine draws: one dataset for each series, and the scales they stand on.
import type { ChartDataset } from 'chart.js'
import type { Inks } from './inks.ts'
import { fillOf } from './inks.ts'
import type { Picture, Series, Unit } from './picture.ts'
import { beside, reach, scaleOf, type Scale } from './scale.ts'

export type Dataset = ChartDataset<'bar' | 'line', { x: number; y: number }[]>

/** Bars narrower than this have no outline: there would be nothing else of them. */
const OUTLINED_FROM_PX = 5
const DASH = [4, 3]

export interface Room {
  inks: Inks
  /** Width of a bucket on the screen. */
  bucketPx: number
  isLog: boolean
}

export const datasetsOf = ({ axis, series }: Picture, room: Room): Dataset[] => {
  const middle = (bucket: number): number => (axis.starts[bucket] ?? 0) + axis.step / 2
  const points = ({ y, as }: Series): { x: number; y: number }[] =>
    y.map((value, bucket) => ({ x: middle(bucket), y: value === null ? Number.NaN : as === 'down' ? -value : value }))
  const last = axis.isPartial ? axis.starts.length - 1 : -1
  return series
    .filter(({ as }) => as !== 'listed')
    .map((one) =>
      one.as === 'line' || one.as === 'curve' ? line(one, points(one), room, last) : bars(one, points(one), room),
    )
}

const bars = (series: Series, data: { x: number; y: number }[], { inks, bucketPx, isLog }: Room): Dataset => {
  const isWide = bucketPx >= OUTLINED_FROM_PX
  return {
    type: 'bar',
    data,
    yAxisID: 'y',
    stack: isLog ? series.key : 'one',
    order: 1,
    backgroundColor: fillOf(series.look, inks) as never,
    borderColor: inks(series.look.edge ?? 'surface'),
    borderWidth: !isWide ? 0 : series.look.edge === undefined ? { top: 1 } : 1,
    barPercentage: bucketPx < OUTLINED_FROM_PX ? 1 : 0.86,
    categoryPercentage: 1,
    maxBarThickness: 64,
  }
}

const line = (series: Series, data: { x: number; y: number }[], { inks }: Room, last: number): Dataset => {
  const known = data.filter(({ y }) => !Number.isNaN(y)).length
  return {
    type: 'line',
    data,
    yAxisID: series.as === 'line' ? 'y2' : 'y',
    // Lines of a scale that bars stand on are none of the bars.
    stack: `line ${series.key}`,
    order: 0,
    ...(series.dash && { borderDash: [...series.dash] }),
    borderColor: inks(series.look.ink),
    borderWidth: 1.75,
    // A single point makes no line.
    pointRadius: known === 1 ? 3 : 0,
    pointBackgroundColor: inks(series.look.ink),
    spanGaps: false,
    segment: { borderDash: ({ p1DataIndex }) => (p1DataIndex === last ? DASH : series.dash && [...series.dash]) },
  }
}

export interface Scales {
  left: Scale
  right: Scale | undefined
}

export const scalesOf = ({ series }: Picture, isLog: boolean): Scales => {
  const unit = series.find(({ as }) => as === 'bars' || as === 'curve')?.unit ?? 'jobs'
  if (unit === 'share') return { left: shareScale(series), right: undefined }
  const { low, high } = reach(series, !isLog)
  const left = isLog ? logScale(high, unit, series) : scaleOf(low, high, unit)
  const lines = series.filter(({ as }) => as === 'line')
  const most = Math.max(0, ...lines.flatMap(({ y }) => y.map((value) => value ?? 0)))
  return { left, right: lines[0] && beside(isLog ? { ...left, min: 0 } : left, most, lines[0].unit) }
}

/** From the lowest share down to a round one, so that what goes wrong is seen: half of the picture may be the last percent. */
const shareScale = (series: readonly Series[]): Scale => {
  const values = series.filter(({ as }) => as === 'curve').flatMap(({ y }) => y.flatMap((value) => value ?? []))
  const min = FLOORS.find((floor) => floor <= Math.min(1, ...values)) ?? 0
  return { min, max: 1, ticks: Array.from({ length: 6 }, (_, step) => min + ((1 - min) * step) / 5) }
}
const FLOORS = [0.99, 0.95, 0.9, 0.75, 0.5, 0]

/** Powers of ten, from below one so that a single job is seen; times from below the shortest. */
const logScale = (high: number, unit: Unit, series: readonly Series[]): Scale => {
  if (unit === 's') {
    const values = series.flatMap(({ as, y }) => (as === 'listed' ? [] : y.flatMap((value) => (value ? [value] : []))))
    const first = Math.floor(Math.log10(Math.min(high, ...values, 1)))
    const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(high, 0.001))))
    const ticks = Array.from({ length: last - first + 1 }, (_, step) => 10 ** (first + step))
    return { min: 10 ** first, max: 10 ** last, ticks }
  }
  const powers = Math.max(1, Math.ceil(Math.log10(Math.max(1, high))))
  return { min: 0.5, max: 10 ** powers, ticks: Array.from({ length: powers + 1 }, (_, power) => 10 ** power) }
}
