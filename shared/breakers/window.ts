// The window of a breaker: the calls it looks at, and whether what is seen in it opens the breaker.
import { digitsOf } from './calls.ts'
import type { Tally } from './calls.ts'
import { SLOTS, emptySlots, slotOf } from './circuit.ts'
import type { Circuit, Slot } from './circuit.ts'
import type { BreakerConfig, ChangeReason } from './words.ts'

/** Adds calls to the window and answers what the window holds then. A window of another kind starts anew. */
export const count = (
  circuit: Circuit,
  config: BreakerConfig,
  calls: string,
  tally: Tally,
  now: number,
): Circuit['seen'] => {
  const slot = slotOf(config)
  if (circuit.slot !== slot) Object.assign(circuit, { slot, slots: emptySlots(), ring: '' })
  if (slot < 0) {
    circuit.ring = (circuit.ring + digitsOf(calls)).slice(slot)
    return seenIn(circuit, now)
  }
  const n = Math.floor(now / slot)
  const old = circuit.slots[n % SLOTS]
  const [, calls0, failures0, slow0]: Slot = old?.[0] === n ? old : [n, 0, 0, 0]
  circuit.slots[n % SLOTS] = [n, calls0 + tally.calls, failures0 + tally.failures, slow0 + tally.slow]
  return seenIn(circuit, now)
}

/** Calls, failures and slow calls in the window. */
export const seenIn = ({ slot, slots, ring }: Circuit, now: number): Circuit['seen'] => {
  if (slot < 0) return [ring.length, countOf(ring, /[13]/g), countOf(ring, /[23]/g)]
  const newest = slot === 0 ? 0 : Math.floor(now / slot)
  const seen: Circuit['seen'] = [0, 0, 0]
  for (const [n, calls, failures, slow] of slots) {
    if (n > newest || n <= newest - SLOTS) continue
    seen[0] += calls
    seen[1] += failures
    seen[2] += slow
  }
  return seen
}

const countOf = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0

/** Why what was seen opens a breaker; undefined when it does not. */
export const verdictOn = (
  [calls, failures, slow]: Circuit['seen'],
  worst: number,
  config: BreakerConfig,
): ChangeReason | undefined => {
  const enough = calls >= config.window.min_calls
  if (enough && failures / calls >= config.failure_rate_threshold) return 'threshold'
  if (enough && slow / calls >= config.slow_call_rate_threshold) return 'slow_calls'
  return config.consecutive_failures !== null && worst >= config.consecutive_failures ? 'consecutive' : undefined
}
