// One service as one process sees it: the fleet's state in memory, calls on their way to the fleet, and what is answered
// without asking anybody.
import type { Clock } from '../kernel/clock.ts'
import { callCode } from './calls.ts'
import type { Circuit } from './circuit.ts'
import { letsThrough } from './policy.ts'
import type { CallOutcome } from './policy.ts'
import type { BreakerConfig, BreakerState } from './words.ts'

export interface Admitted {
  readonly admitted: true
  /** Whether this call decides if the breaker closes. */
  readonly probe: boolean
  /** Tells how the call ended; once for a probe. Never throws and never waits. */
  report(outcome: CallOutcome, durationMs: number): void
  /** Gives a probe back that was not used, which does not count as a failure. */
  release(): void
}
export interface Refused {
  readonly admitted: false
  readonly state: BreakerState
  /** When it is worth asking again, in epoch ms of this process's clock. */
  readonly untilMs: number
  /** As one reads it: `breaker spotify open, probe in 18 s`. */
  readonly reason: string
}
export type Permit = Admitted | Refused

/** A state as a process holds it. Times are epoch ms of this process's clock. */
export interface BreakerView {
  readonly state: BreakerState
  readonly generation: number
  readonly sinceMs: number
  /** When an open breaker may be probed, or a forced state ends; 0 for never. */
  readonly untilMs: number
  /** True while Redis is away and this process decides alone. */
  readonly local: boolean
}

/** Hears of calls that ended: the first that is to be told, and with `true` when so many are that they should be told now. */
export type OnCall = (line: Line, isFull: boolean) => void

/** Calls that are not told yet and are kept at most; more come together only while Redis does not answer. */
const GATHERED_MAX = 2_000
/** So many calls are told at once, without waiting for the next round. */
export const BATCH = 50

export interface Line {
  readonly service: string
  view: BreakerView
  /** Whether calls go through without asking. */
  passes: boolean
  /** Until then everything is refused without asking. */
  shutUntil: number
  /** For every call while `passes`. */
  permit: Admitted
  refusal: Refused
  /** Of the service's configuration, renewed with every round. */
  slowMs: number
  openMs: number
  openMaxMs: number
  /** When a half-open breaker that gave no probe is worth another question; 0 when it was not asked. */
  askAgainAt: number
  /** Calls that ended under `gatheredGen`, a byte each, and refusals; both not told yet. */
  gathered: string
  gatheredGen: number
  refused: number
  /** Whether a throttled call is waiting for a second one to count as failed with. */
  throttledOnce: boolean
  /** Until what is on its way to the fleet has been answered. */
  telling: Promise<void> | undefined
  /** Probes that were asked for and not answered yet. */
  asking: number
  /** Probes that a worker took before it had a job for them. */
  claimed: Admitted[]
  /** This process's own breaker while Redis is away. */
  circuit: Circuit | undefined
}

/** Makes the line of a service. */
export const createLine = (service: string, clock: Clock, view: BreakerView, onCall: OnCall): Line => {
  const line: Line = {
    service,
    view,
    passes: false,
    shutUntil: 0,
    permit: permitOf(() => line, view.generation, onCall),
    refusal: refusalOf(clock, () => line),
    slowMs: Number.POSITIVE_INFINITY,
    openMs: 0,
    openMaxMs: 0,
    askAgainAt: 0,
    gathered: '',
    gatheredGen: 0,
    refused: 0,
    throttledOnce: false,
    telling: undefined,
    asking: 0,
    claimed: [],
    circuit: undefined,
  }
  setView(line, view, onCall)
  return line
}

/** Takes over what a call is measured by. */
export const configure = (line: Line, breaker: BreakerConfig): void => {
  line.slowMs = breaker.slow_call_ms
  line.openMs = breaker.open_ms
  line.openMaxMs = breaker.open_max_ms
}

/** Takes over a state. Calls that were let in under another generation no longer count. */
export const setView = (line: Line, view: BreakerView, onCall: OnCall): void => {
  if (view.generation !== line.view.generation) {
    line.permit = permitOf(() => line, view.generation, onCall)
    line.claimed = []
    line.askAgainAt = 0
  }
  line.view = view
  line.passes = letsThrough(view.state)
  line.shutUntil = shutUntil(view)
}

const shutUntil = ({ state, untilMs }: BreakerView): number => {
  if (state === 'open') return untilMs
  return state === 'forced_open' ? (untilMs === 0 ? Number.POSITIVE_INFINITY : untilMs) : 0
}

const permitOf = (lineOf: () => Line, gen: number, onCall: OnCall): Admitted => ({
  admitted: true,
  probe: false,
  report: (outcome, durationMs) => {
    const line = lineOf()
    if (outcome !== 'ignored' && gen === line.view.generation)
      gather(line, gen, hasFailed(line, outcome), durationMs, onCall)
  },
  release: () => undefined,
})

/** Of calls that were throttled every second one has failed: so each weighs half, and none makes a row of failures. */
const hasFailed = (line: Line, outcome: CallOutcome): boolean => {
  if (outcome !== 'throttled') return outcome === 'failure'
  line.throttledOnce = !line.throttledOnce
  return !line.throttledOnce
}

const gather = (line: Line, gen: number, failed: boolean, durationMs: number, onCall: OnCall): void => {
  if (line.gatheredGen !== gen) {
    line.gathered = ''
    line.gatheredGen = gen
  }
  const { length } = line.gathered
  if (length >= GATHERED_MAX) return
  line.gathered += chars[callCode(failed, durationMs > line.slowMs, durationMs)] ?? ''
  if (length === 0 || length + 1 >= BATCH) onCall(line, length + 1 >= BATCH)
}

/** Making a text of a number for every call would cost more than the rest of it. */
const chars = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code))

/** The one refusal of a line: what it says is looked up when it is read. */
const refusalOf = (clock: Clock, lineOf: () => Line): Refused => ({
  admitted: false,
  get state() {
    return lineOf().view.state
  },
  get untilMs() {
    const { view, askAgainAt, openMs, openMaxMs } = lineOf()
    if (view.state === 'half_open') return askAgainAt === 0 ? clock.now() + openMs : askAgainAt
    return view.untilMs === 0 ? clock.now() + openMaxMs : view.untilMs
  },
  get reason() {
    return describe(lineOf(), clock.now())
  },
})

const words: Readonly<Record<BreakerState, string>> = {
  closed: 'closed',
  open: 'open',
  half_open: 'half-open',
  forced_open: 'forced open',
  forced_closed: 'forced closed',
  disabled: 'disabled',
}

const describe = ({ service, view: { state, untilMs } }: Line, now: number): string => {
  const seconds = Math.max(0, Math.ceil((untilMs - now) / 1_000))
  const head = `breaker ${service} ${words[state]}`
  if (state === 'open') return `${head}, probe in ${seconds} s`
  if (state === 'half_open') return `${head}, probes are under way`
  return untilMs === 0 ? head : `${head} for ${seconds} s`
}
