// The way back: after an outage a service is called slowly at first and never more than twice as often as before.
import type { Budget } from '../budgets/words.ts'

/** How long it takes from half of what was usual to twice of it, and how long twice is the bound after that. */
const RISE_MS = 15_000
const BOUND_MS = 45_000
const FROM = 0.5
const TO = 2
/** Services that were hardly called before come back at this pace, in calls a second. */
const LEAST_PER_S = 2

export interface Ramp {
  /** When the breaker closed, in epoch ms. */
  readonly sinceMs: number
  /** Calls a second before it opened. */
  readonly usualPerS: number
}

/** Calls a second that a service gets while it comes back; undefined once it is back. */
export const pace = ({ sinceMs, usualPerS }: Ramp, now: number): number | undefined => {
  const passed = now - sinceMs
  if (passed >= BOUND_MS) return undefined
  const share = FROM + (TO - FROM) * Math.min(1, Math.max(0, passed) / RISE_MS)
  // Whole steps of a second, so that the same bound holds for all processes and for a while.
  return Math.max(LEAST_PER_S, Math.floor(usualPerS * Math.min(TO, share)))
}

/** The bound as a budget. */
export const paceBudget = (perSecond: number): Budget => ({
  limit: perSecond,
  per_ms: 1_000,
  unit: 'calls',
  allocations: [],
})
