// A breaker that keeps calls from its service, as a verdict tells of it.
import type { Circuit } from './circuit.ts'
import type { BreakerState } from './words.ts'

/** A breaker that keeps calls from its service. */
export interface Troubled {
  service: string
  state: BreakerState
  /** When it stopped letting calls through, epoch milliseconds. */
  since: number
  /** Who forced it open, and why; null where nobody did. */
  forced: { by: string; reason: string } | null
  /** Jobs that wait for the service; null where nobody counts them. */
  parked: number | null
}

/** `circuit` is missing beyond those that were looked at. */
export const toTroubled = (
  service: string,
  state: BreakerState,
  since: number,
  circuit: Circuit | undefined,
  waiting: ReadonlyMap<string, number> | undefined,
): Troubled => ({
  service,
  state,
  since: circuit && circuit.opened > 0 ? circuit.opened : since,
  forced: circuit && state === 'forced_open' ? { by: circuit.actor, reason: circuit.note } : null,
  parked: waiting === undefined ? null : (waiting.get(service) ?? 0),
})
