// A chart as plain values: buckets, series and a sentence. What is drawn, listed, read aloud and downloaded comes from it.
import type { SearchChanges } from '../path.ts'
import type { Axis } from './axis.ts'

export type Unit = 'jobs' | 's' | 'share' | 'slots'
export type Pattern = 'plain' | 'stripes' | 'dots' | 'hatch' | 'lines' | 'columns'

/** Colour and pattern of a series: neither is the only sign. `ink` is a colour token without its dashes. */
export interface Look {
  ink: string
  pattern: Pattern
  /** Token of the outline that a pale fill needs. */
  edge?: string
}

export interface Series {
  key: string
  label: string
  unit: Unit
  look: Look
  /** `bars` stand on each other, `down` hang below zero, `line` has the scale at the right, `curve` that at the left; `listed`
   *  is in the table only. */
  as: 'bars' | 'down' | 'line' | 'curve' | 'listed'
  /** Lengths of dashes and gaps of a line; drawn through unless given. */
  dash?: readonly number[]
  /** One for each bucket; null where nothing is known. */
  y: readonly (number | null)[]
}

/** What stands behind a bucket: a page and what its link says. */
export interface Leads {
  route: 'deadLetterList' | 'timeline' | 'jobs' | 'webhooks'
  search: SearchChanges
}

export interface Mark {
  at: number
  text: string
}

export interface Picture {
  axis: Axis
  series: readonly Series[]
  /** The one sentence that tells what there is to see. */
  reading: string
  /** What else happened, on an axis of time. */
  marks: readonly Mark[]
  /** Where a bucket leads; undefined where there is nothing in it. */
  leads: (bucket: number) => Leads | undefined
  /** Whether a logarithmic scale is offered: small counts beside large ones. */
  offersLog?: boolean
}

const ramp: readonly Look[] = [
  { ink: 'prio-critical', pattern: 'plain' },
  { ink: 'prio-high', pattern: 'stripes' },
  { ink: 'prio-normal', pattern: 'dots' },
  { ink: 'accent', pattern: 'hatch' },
  { ink: 'prio-low', pattern: 'lines' },
]

/** Series beyond this many are told together. */
export const SERIES_MAX = ramp.length

/** The look of what has no state of its own, by its place. */
export const lookAt = (place: number): Look => ramp[place] ?? restLook
export const restLook: Look = { ink: 'state-waiting', pattern: 'columns' }
/** A line across the bars. */
export const lineLook: Look = { ink: 'text', pattern: 'plain' }

export const sumOf = (y: readonly (number | null)[]): number => y.reduce<number>((sum, value) => sum + (value ?? 0), 0)

/** Whether there is anything at all in a bucket. */
export const isFull = (series: readonly Series[], bucket: number): boolean =>
  series.some(({ as, y }) => (as === 'bars' || as === 'down') && (y[bucket] ?? 0) > 0)
