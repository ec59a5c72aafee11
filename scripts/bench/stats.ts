// The statistics of the benchmarks: medians and quartiles of paired slices, and when they allow a verdict.

/** The middle of a set of values and how far the middle half of them reaches. */
export interface Spread {
  readonly q1: number
  readonly median: number
  readonly q3: number
}

/** The value below which `share` of the sorted values lie, between two of them where it falls between. Throws for none. */
export const quantile = (sorted: readonly number[], share: number): number => {
  const at = (sorted.length - 1) * share
  const low = sorted[Math.floor(at)]
  const high = sorted[Math.ceil(at)]
  if (low === undefined || high === undefined) throw new RangeError('there is no quantile of no values')
  return low + (high - low) * (at - Math.floor(at))
}

const inOrder = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b)

export const percentile = (values: readonly number[], share: number): number => quantile(inOrder(values), share)
export const median = (values: readonly number[]): number => percentile(values, 0.5)
export const spread = (values: readonly number[]): Spread => {
  const sorted = inOrder(values)
  return { q1: quantile(sorted, 0.25), median: quantile(sorted, 0.5), q3: quantile(sorted, 0.75) }
}

/** Divides pair by pair, so that a machine that slows down for a while slows both sides of a pair. */
export const ratios = (ours: readonly number[], floor: readonly number[]): number[] => {
  if (ours.length !== floor.length) throw new RangeError('the two sides of a pair are both needed')
  return ours.map((value, index) => value / (floor[index] as number))
}

export type Limit = { readonly atMost: number } | { readonly atLeast: number }

/** What kind of number it is says how far it can be trusted. `count`: exact (commands, connections, bytes). `rate`, `cpu`,
 *  `time`: measured, so they need a quiet machine and a narrow spread. `told`: as `time`, but no part of the row's verdict. */
export type Kind = 'rate' | 'cpu' | 'time' | 'count' | 'told'

/** A number that is held against a bar. Below `must` there is a defect; `moonshot` is what to aim at. */
export interface Bar {
  readonly name: string
  readonly kind: Kind
  readonly must: Limit
  readonly moonshot?: Limit
  /** What the number is of: nothing for a ratio, else `ms`, `commands`, … */
  readonly unit?: string
}

export type Verdict = 'meets' | 'misses' | 'no verdict'

export interface Judged {
  readonly verdict: Verdict
  /** Whether the moonshot is reached too. */
  readonly moonshot: boolean
  /** Nearer to the bar than the measurement is exact: to be repeated before it is believed. */
  readonly near: boolean
}

/** Spread beyond which a measurement says nothing, and idle time below which the machine was too busy for one. */
const WIDEST = 0.25
const IDLE_LEAST = 5
const exactTo: Readonly<Record<Kind, number>> = { rate: 0.1, cpu: 0.07, time: 0.1, count: 0, told: 0.1 }

const holds = (limit: Limit, value: number): boolean =>
  'atMost' in limit ? value <= limit.atMost : value >= limit.atLeast
const valueOf = (limit: Limit): number => ('atMost' in limit ? limit.atMost : limit.atLeast)

/** Whether the middle half of the values reaches further than a quarter from their median. */
export const isWide = ({ q1, median: middle, q3 }: Spread): boolean =>
  q1 < middle * (1 - WIDEST) || q3 > middle * (1 + WIDEST)

/** Judges one number. `idle` is what was left of the machine while it was taken, in percent. */
export const judge = (bar: Bar, measured: Spread, idle: number): Judged => {
  const value = measured.median
  const unsure = bar.kind !== 'count' && (isWide(measured) || idle < IDLE_LEAST)
  if (unsure) return { verdict: 'no verdict', moonshot: false, near: false }
  const limit = valueOf(bar.must)
  return {
    verdict: holds(bar.must, value) ? 'meets' : 'misses',
    moonshot: bar.moonshot !== undefined && holds(bar.moonshot, value),
    near: Math.abs(value - limit) < limit * exactTo[bar.kind],
  }
}

/** A row meets its bars when every one of them is met. Where its rate and its CPU disagree, the CPU decides. */
export const judgeRow = (bars: readonly { readonly kind: Kind; readonly verdict: Verdict }[]): Verdict => {
  const cpuDecides = bars.some(({ kind, verdict }) => kind === 'cpu' && verdict !== 'no verdict')
  const counted = bars
    .filter(({ kind }) => kind !== 'told' && !(cpuDecides && kind === 'rate'))
    .map(({ verdict }) => verdict)
  if (counted.includes('misses')) return 'misses'
  return counted.includes('no verdict') ? 'no verdict' : 'meets'
}
