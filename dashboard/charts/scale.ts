// Scales of values: round steps, whole for counts, and zero at one height for the left and the right one.
import type { Series, Unit } from './picture.ts'

export interface Scale {
  min: number
  max: number
  ticks: number[]
}

const ROUND = [1, 2, 2.5, 5, 10]
/** Steps of time people are used to, in seconds. */
const TIMES = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400]

/** The smallest round step that makes at most so many of a length. */
export const roundStep = (length: number, most: number, unit: Unit | 'share'): number => {
  const least = length / most
  const time = unit === 's' ? TIMES.find((step) => step >= least) : undefined
  if (time !== undefined) return time
  const power = 10 ** Math.floor(Math.log10(Math.max(least, Number.MIN_VALUE)))
  const step = (ROUND.find((factor) => factor * power >= least) ?? 10) * power
  return unit === 'jobs' ? Math.max(1, Math.ceil(step)) : step
}

const STEPS = 4

/** A scale from the lowest to the highest value, zero within. */
export const scaleOf = (low: number, high: number, unit: Unit): Scale => {
  const [least, most] = [Math.min(0, low), Math.max(0, high)]
  if (least === most) return { min: 0, max: 1, ticks: [0, 1] }
  const step = roundStep(most - least, STEPS, unit)
  const [min, max] = [Math.floor(least / step) * step, Math.ceil(most / step) * step]
  const count = Math.round((max - min) / step) + 1
  return { min, max, ticks: Array.from({ length: count }, (_, index) => min + index * step) }
}

/** The right scale beside a left one, so that both have their zero at one height. */
export const beside = (left: Scale, high: number, unit: Unit): Scale => {
  const right = scaleOf(0, high, unit)
  return { ...right, min: left.max > 0 ? (right.max * left.min) / left.max : 0 }
}

/** The lowest and highest ends of bars that stand on each other, or side by side. */
export const reach = (series: readonly Series[], stacked: boolean): { low: number; high: number } => {
  const count = Math.max(0, ...series.map(({ y }) => y.length))
  const ends = (as: Series['as'], bucket: number): number => {
    const values = series.filter((one) => one.as === as).map(({ y }) => y[bucket] ?? 0)
    return stacked ? values.reduce((sum, value) => sum + value, 0) : Math.max(0, ...values)
  }
  const curves = series.filter(({ as }) => as === 'curve')
  const buckets = Array.from({ length: count }, (_, bucket) => bucket)
  return {
    low: -Math.max(0, ...buckets.map((bucket) => ends('down', bucket))),
    high: Math.max(
      0,
      ...buckets.map((bucket) => ends('bars', bucket)),
      ...curves.flatMap(({ y }) => y.map((value) => value ?? 0)),
    ),
  }
}
