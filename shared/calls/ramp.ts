// The way back: after an outage a service is called slowly at first and never more than twice as often as before.
import type { Budget } from '../budgets/words.ts'

/** How long it takes from the first share of what was usual to the last one. */
const RISE_MS = 15_000
/** How long the last share is the bound after that: what piled up meanwhile takes longer than the outage lasted. */
const BOUND_MS = 30_000
const BOUND_MAX_MS = 3_600_000
const TIMES_OUTAGE = 1.5
/** No ramp lasts longer. */
export const RAMP_MAX_MS = RISE_MS + BOUND_MAX_MS
const FROM = 0.5
/** Calls are made a little later than they are granted, some more than others: the rest keeps them below twice the usual. */
const TO = 1.8
/** Services that were hardly called before come back at this pace, in calls a second. */
const LEAST_PER_S = 2
/** Where there is enough to share out, each part of a second has its own bound, so that calls do not come in bursts. */
const PARTS = 4
const PARTED_PER_S = 40

export interface Ramp {
  /** When the breaker closed, in epoch ms. */
  readonly sinceMs: number
  /** Calls a second before it opened. */
  readonly usualPerS: number
  /** How long it was not called. */
  readonly outageMs: number
}

/** Calls a second that a service gets while it comes back; undefined once it is back. */
export const pace = ({ sinceMs, usualPerS, outageMs }: Ramp, now: number): number | undefined => {
  const passed = now - sinceMs
  if (passed >= RISE_MS + Math.min(BOUND_MAX_MS, Math.max(BOUND_MS, TIMES_OUTAGE * outageMs))) return undefined
  const share = FROM + (TO - FROM) * Math.min(1, Math.max(0, passed) / RISE_MS)
  // Whole steps of a second, so that the same bound holds for all processes and for a while.
  return Math.max(LEAST_PER_S, Math.floor(usualPerS * Math.min(TO, share)))
}

/** The bound as a budget. */
export const paceBudget = (perSecond: number): Budget => {
  const parts = perSecond < PARTED_PER_S ? 1 : PARTS
  return { limit: Math.floor(perSecond / parts), per_ms: 1_000 / parts, unit: 'calls', allocations: [] }
}
