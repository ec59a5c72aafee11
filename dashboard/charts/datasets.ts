// From a picture to what the engine draws: one dataset for each series, and the scales they stand on.
import type { ChartDataset } from 'chart.js'
import type { Inks } from './inks.ts'
import { fillOf } from './inks.ts'
import type { Picture, Series } from './picture.ts'
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
    .map((one) => (one.as === 'line' ? line(one, points(one), room, last) : bars(one, points(one), room)))
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
    yAxisID: 'y2',
    order: 0,
    borderColor: inks(series.look.ink),
    borderWidth: 1.75,
    // A single point makes no line.
    pointRadius: known === 1 ? 3 : 0,
    pointBackgroundColor: inks(series.look.ink),
    spanGaps: false,
    segment: { borderDash: ({ p1DataIndex }) => (p1DataIndex === last ? DASH : undefined) },
  }
}

export interface Scales {
  left: Scale
  right: Scale | undefined
}

export const scalesOf = ({ series }: Picture, isLog: boolean): Scales => {
  const unit = series.find(({ as }) => as === 'bars')?.unit ?? 'jobs'
  const { low, high } = reach(series, !isLog)
  const left = isLog ? logScale(high) : scaleOf(low, high, unit)
  const lines = series.filter(({ as }) => as === 'line')
  const most = Math.max(0, ...lines.flatMap(({ y }) => y.map((value) => value ?? 0)))
  return { left, right: lines[0] && beside(isLog ? { ...left, min: 0 } : left, most, lines[0].unit) }
}

/** Powers of ten, from below one so that a single job is seen. */
const logScale = (high: number): Scale => {
  const powers = Math.max(1, Math.ceil(Math.log10(Math.max(1, high))))
  return { min: 0.5, max: 10 ** powers, ticks: Array.from({ length: powers + 1 }, (_, power) => 10 ** power) }
}
