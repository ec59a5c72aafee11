// The way back: after an outage a service is called slowly at first and never more than twice as often as before.
import type { Budget } from '../budgets/words.ts'

/** How long it takes from the first share of what was usual to the last one. */
const RISE_MS = 15_000
/** How long the last share is the bound after that at least: what piled up takes longer than the outage lasted. */
const BOUND_MS = 30_000
const BOUND_MAX_MS = 3_600_000
const TIMES_OUTAGE = 1.5
/** While calls have to wait for their turn, something is left of what piled up. Without the bound it would come at once. */
const CALM_MS = 5_000
/** Who is turned away for a whole day is not what piled up: the service is called more often than it was. */
export const RAMP_MAX_MS = 86_400_000
const FROM = 0.5
/** Calls are made a little later than they are granted, some more than others: the rest keeps them below twice the usual. */
const TO = 1.7
/** Services that were hardly called before come back at this pace, in calls a second. */
const LEAST_PER_S = 2
/** Where there is enough to share out, each part of a second has its own bound: what it allows is used up as soon as it begins,
 *  and of whole bursts one more than its share may fall into a second. */
const PARTS = [
  { fromPerS: 200, parts: 10 },
  { fromPerS: 40, parts: 4 },
] as const

export interface Ramp {
  /** When the breaker closed, in epoch ms. */
  readonly sinceMs: number
  /** Calls a second before it opened. */
  readonly usualPerS: number
  /** How long it was not called. */
  readonly outageMs: number
  /** When a call had to wait for its turn last: one of this process, or of any before it learnt of the ramp. When the breaker
   *  closed where none had to. */
  readonly turnedAwayMs: number
}

/** Calls a second that a service gets while it comes back; undefined once it is back. */
export const pace = (ramp: Ramp, now: number): number | undefined => {
  if (isOver(ramp, now)) return undefined
  const { usualPerS } = ramp
  const passed = now - ramp.sinceMs
  const share = FROM + (TO - FROM) * Math.min(1, Math.max(0, passed) / RISE_MS)
  // Whole steps of a second, so that the same bound holds for all processes and for a while.
  return Math.max(LEAST_PER_S, Math.floor(usualPerS * Math.min(TO, share)))
}

const isOver = ({ sinceMs, outageMs, turnedAwayMs }: Ramp, now: number): boolean => {
  const least = RISE_MS + Math.min(BOUND_MAX_MS, Math.max(BOUND_MS, TIMES_OUTAGE * outageMs))
  const passed = now - sinceMs
  return passed >= RAMP_MAX_MS || (passed >= least && now - turnedAwayMs >= CALM_MS)
}

/** The bound as a budget. */
export const paceBudget = (perSecond: number): Budget => {
  const { parts } = PARTS.find(({ fromPerS }) => perSecond >= fromPerS) ?? { parts: 1 }
  return { limit: Math.floor(perSecond / parts), per_ms: 1_000 / parts, unit: 'calls', allocations: [] }
}
