// Facts about breakers: each change of state, once in the fleet.
import { z } from 'zod'
import { Instant } from '../jobs/words.ts'
import { event } from '../kernel/event.ts'
import { BreakerState, ChangeReason } from './words.ts'

/** The stream calls all three by one name; `sequence` is the breaker's new generation. */
const StateChange = z.object({
  service: z.string(),
  from: BreakerState,
  to: BreakerState,
  reason: ChangeReason,
  failure_rate: z.number(),
  calls: z.int(),
  window_s: z.number().nullable().describe('Null for windows of calls.'),
  opened_at: Instant.nullable(),
  next_attempt_at: Instant.nullable(),
  actor: z.string().nullable(),
  sequence: z.int(),
})
export const BREAKER_LIVE = 'circuit-breaker:state-change'
export const CircuitOpened = event(
  'error_recovery.circuit_breaker_opened',
  BREAKER_LIVE,
  'A breaker lets no call to its service through any more.',
  StateChange,
)
export const CircuitHalfOpened = event(
  'error_recovery.circuit_breaker_half_opened',
  BREAKER_LIVE,
  'A breaker tries its service again with a few calls.',
  StateChange,
)
export const CircuitClosed = event(
  'error_recovery.circuit_breaker_closed',
  BREAKER_LIVE,
  'A breaker lets calls through again.',
  StateChange,
)
