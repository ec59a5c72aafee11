// A breaker as it is shown: its circuit beside what its service is held to.
import { toIso } from '../kernel/clock.ts'
import type { Service } from '../services/contract.ts'
import type { Circuit } from './circuit.ts'
import type { Breaker } from './contract.ts'
import { letsThrough } from './policy.ts'
import { seenIn } from './window.ts'

type Held = Pick<Service, 'name' | 'breaker' | 'updated_at' | 'version'>

const instant = (ms: number): string | null => (ms === 0 ? null : toIso(ms))
const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)

/** What it sees now, or what it saw when it stopped letting calls through. */
export const seenBy = (circuit: Circuit, now: number): Circuit['seen'] =>
  letsThrough(circuit.state) ? seenIn(circuit, now) : circuit.seen

export const toBreaker = ({ name, breaker, updated_at, version }: Held, circuit: Circuit, now: number): Breaker => {
  const [calls, failures, slow] = seenBy(circuit, now)
  return {
    service: name,
    state: circuit.state,
    reason: circuit.reason === '' ? null : circuit.reason,
    generation: circuit.gen,
    since: instant(circuit.since),
    failure_rate: share(failures, calls),
    slow_call_rate: share(slow, calls),
    calls,
    failures,
    slow_calls: slow,
    rejected: circuit.refused,
    window: breaker.window,
    opened_at: instant(circuit.opened),
    next_attempt_at: letsThrough(circuit.state) ? null : instant(circuit.ends),
    forced: forcedOf(circuit),
    half_open: {
      permitted: breaker.half_open_max,
      in_flight: Object.keys(circuit.probes).length,
      successes: circuit.passed,
      failures: circuit.failed,
    },
    config: breaker,
    updated_at,
    version,
  }
}

const forcedOf = ({ state, actor, note, ends }: Circuit): Breaker['forced'] =>
  state === 'forced_open' || state === 'forced_closed' || state === 'disabled'
    ? { by: actor, reason: note, until: instant(ends) }
    : null
