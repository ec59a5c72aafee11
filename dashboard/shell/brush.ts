// Choosing a stretch of time on the Pulse: where a drag lies, and what a key makes of it. Times are round, so that links are.
import type { Moments } from './range.ts'

const STEPS_MS = [10_000, 60_000, 300_000]
const COARSEST_MS = 900_000
/** So many steps at most make up the strip. */
const STEPS_MAX = 100

/** What the ends of a stretch are rounded to on a strip so long, in ms. */
export const stepOf = (rangeMs: number): number => STEPS_MS.find((step) => rangeMs / step <= STEPS_MAX) ?? COARSEST_MS

const within = (share: number): number => Math.min(1, Math.max(0, share))

/** The stretch between two shares of a strip, in either order: whole steps, one at least, and never the future. */
export const brushed = (one: number, other: number, strip: Moments): Moments => {
  const length = strip.to - strip.from
  const step = stepOf(length)
  const [left, right] = [Math.min(one, other), Math.max(one, other)].map((share) => strip.from + within(share) * length) as [number, number] // prettier-ignore
  const from = Math.min(Math.floor(left / step) * step, Math.floor((strip.to - 1) / step) * step)
  const to = Math.max(Math.ceil(right / step) * step, from + step)
  return { from, to: Math.min(to, strip.to) }
}

export type Edge = 'from' | 'to'

/** How many steps a key moves an edge, or to which end of the strip. */
const KEYS: Record<string, number> = {
  ArrowRight: 1,
  ArrowUp: 1,
  ArrowLeft: -1,
  ArrowDown: -1,
  PageUp: 10,
  PageDown: -10,
  Home: -Infinity,
  End: Infinity,
}

/** The stretch after a key was pressed on one of its edges; undefined for a key that moves nothing. Edges stay within the strip and a
 *  step apart. */
export const nudged = (window: Moments, edge: Edge, key: string, strip: Moments): Moments | undefined => {
  const by = KEYS[key]
  if (by === undefined) return undefined
  const step = stepOf(strip.to - strip.from)
  const first = Math.ceil(strip.from / step) * step
  // From an edge between two steps, such as now, the first key leads to the next round time.
  const round = by < 0 ? Math.ceil(window[edge] / step) * step : Math.floor(window[edge] / step) * step
  const wanted = Number.isFinite(by) ? round + by * step : by < 0 ? first : strip.to
  const [least, most] = edge === 'from' ? [first, window.to - step] : [window.from + step, strip.to]
  return { ...window, [edge]: Math.max(Math.min(wanted, most), Math.min(least, most)) }
}
