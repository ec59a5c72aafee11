// The state machine of a breaker: what each thing that happens makes of it. `decide.lua` is the same machine in Redis, where
// it is the fleet's; here it says what is meant, decides for a process that has lost Redis, and replays what-ifs.
import { isFailure, isSlow, tallyOf } from './calls.ts'
import { emptySlots } from './circuit.ts'
import type { Circuit } from './circuit.ts'
import type { ErrorClass } from '../retries/words.ts'
import { count, seenIn, verdictOn } from './window.ts'
import type { BreakerConfig, BreakerState, ChangeReason } from './words.ts'

/** How a call ended, as its service's breaker sees it. `throttled`: the service asked for fewer calls, which weighs half as
 *  much as a failure. `ignored` says nothing about the service. */
export type CallOutcome = 'success' | 'failure' | 'throttled' | 'ignored'

/** What an error says about the service; no error is a success. */
export const outcomeOf = (config: BreakerConfig, error: ErrorClass | undefined): CallOutcome => {
  if (error === undefined) return 'success'
  if (!config.failure_classes.includes(error)) return 'ignored'
  return error === 'rate_limited' ? 'throttled' : 'failure'
}

/** What can happen to a breaker. `look` only lets time pass, as everything else does first. */
export type Command =
  | { op: 'look' }
  | { op: 'admit'; probe: string }
  /** Calls of generation `gen` that ended, a byte each (see `calls.ts`), and how many were refused meanwhile. */
  | { op: 'report'; gen: number; calls: string; refused: number }
  /** A probe ended with one call, or was not used: ''. */
  | { op: 'probe'; gen: number; probe: string; call: string }
  | { op: 'force'; to: Forced; ttlMs: number; actor: string; note: string }
  | { op: 'auto'; actor: string; note: string }
  | { op: 'reset'; actor: string; note: string }
export type Forced = 'forced_open' | 'forced_closed' | 'disabled'

/** `passed`: go on, nobody decides over you. `probe`: go on, your result decides. `stale`: of another generation, or of a
 *  lease that is over; it counted nothing. `same`: it is so already. */
export type Answer = 'looked' | 'passed' | 'probe' | 'refused' | 'counted' | 'stale' | 'done' | 'same'

/** A change as the log tells it. */
export interface Change {
  from: BreakerState
  to: BreakerState
  reason: ChangeReason
  gen: number
  at: number
  until: number
  opened: number
  actor: string
  seen: [calls: number, failures: number, slow: number]
}

export interface Surroundings {
  config: BreakerConfig
  now: number
  /** In [0, 1); what jitter is made of. */
  random: number
  /** The service asked not to be called before; 0 where it did not. */
  pausedUntil: number
  /** The next generation. */
  next: () => number
}

export interface Step {
  circuit: Circuit
  answer: Answer
  changes: Change[]
  /** For `refused`: when it is worth asking again, 0 for never. */
  askAgainAt: number
}

/** What a command makes of a breaker. The one that is given stays as it is. */
export const step = (before: Circuit, command: Command, around: Surroundings): Step => {
  const work: Work = { ...around, circuit: structuredClone(before), changes: [] }
  pass(work)
  const answer = carryOut(work, command)
  const { circuit, changes } = work
  return { circuit, answer, changes, askAgainAt: answer === 'refused' ? askAgainAt(work) : 0 }
}

interface Work extends Surroundings {
  circuit: Circuit
  changes: Change[]
}

const carryOut = (work: Work, command: Command): Answer => {
  switch (command.op) {
    case 'look':
      return 'looked'
    case 'admit':
      return admit(work, command.probe)
    case 'report':
      return report(work, command.gen, command.calls, command.refused)
    case 'probe':
      return endProbe(work, command.gen, command.probe, command.call)
    case 'force':
      return force(work, command)
    case 'auto':
      return letGo(work, command)
    case 'reset':
      change(work, 'closed', 'reset', 0, command)
      work.circuit.opens = 0
      return 'done'
  }
}

/** What time alone does: forced states end, an open period ends, a probe that was not heard of has failed. */
const pass = (work: Work): void => {
  const { circuit, now } = work
  const isOver = circuit.ends > 0 && now >= circuit.ends
  if (isOver && circuit.state === 'open') endOpen(work)
  else if (isOver && circuit.state === 'forced_open') change(work, 'half_open', 'timeout', 0)
  else if (isOver && circuit.state !== 'half_open') change(work, 'closed', 'timeout', 0)
  if (circuit.state !== 'half_open') return
  for (const [probe, end] of Object.entries(circuit.probes)) {
    if (end > now) continue
    // oxlint-disable-next-line typescript/no-dynamic-delete -- probes are a record because JSON knows no maps.
    delete circuit.probes[probe]
    circuit.failed++
  }
  settle(work)
}

/** A service is not probed before the time it asked for. That is no change of state, but news for all processes, and so
 *  has a generation of its own. */
const endOpen = (work: Work): void => {
  const until = pauseOf(work)
  if (until > work.now) Object.assign(work.circuit, { ends: until, gen: work.next() })
  else change(work, 'half_open', 'timeout', 0)
}

const PAUSE_MAX_MS = 86_400_000

/** Until when a service is left alone because it asked for it: a day at a time at most. */
const pauseOf = ({ pausedUntil, now }: Work): number => Math.min(pausedUntil, now + PAUSE_MAX_MS)

const admit = (work: Work, probe: string): Answer => {
  const { circuit, config, now } = work
  if (circuit.state !== 'half_open') return letsThrough(circuit.state) ? 'passed' : 'refused'
  // Asked again, because the answer was lost on its way.
  if (circuit.probes[probe] !== undefined) return 'probe'
  const taken = Object.keys(circuit.probes).length + circuit.passed + circuit.failed
  if (taken >= config.half_open_max) return 'refused'
  circuit.probes[probe] = now + config.probe_lease_ms
  return 'probe'
}

/** Whether calls go through without being probes. */
export const letsThrough = (state: BreakerState): boolean =>
  state === 'closed' || state === 'forced_closed' || state === 'disabled'

const report = (work: Work, gen: number, calls: string, refused: number): Answer => {
  const { circuit, config, now } = work
  circuit.refused += refused
  if (gen !== circuit.gen || !letsThrough(circuit.state)) return 'stale'
  if (circuit.state === 'disabled') return 'counted'
  const tally = tallyOf(calls)
  const worst = Math.max(tally.worst, circuit.run + tally.lead)
  circuit.run = tally.trail === tally.calls ? circuit.run + tally.calls : tally.trail
  const seen = count(circuit, config, calls, tally, now)
  if (circuit.state === 'closed') judge(work, seen, worst)
  return 'counted'
}

const judge = (work: Work, seen: Circuit['seen'], worst: number): void => {
  const reason = verdictOn(seen, worst, work.config)
  if (reason !== undefined) open(work, reason, seen)
}

/** How long an open period lasts: twice the one before, up to the cap, give or take some chance. */
export const openMs = (config: BreakerConfig, opens: number, random: number): number => {
  const whole = Math.min(config.open_max_ms, config.open_ms * 2 ** Math.min(opens, 30))
  const varied = Math.floor(whole * (1 + config.jitter * (2 * random - 1)))
  return Math.max(1, Math.min(varied, config.open_max_ms))
}

const open = (work: Work, reason: ChangeReason, seen: Circuit['seen']): void => {
  const { circuit, config, now, random } = work
  const until = Math.max(now + openMs(config, circuit.opens, random), pauseOf(work))
  circuit.opens++
  circuit.trips++
  change(work, 'open', reason, until, undefined, seen)
}

const endProbe = (work: Work, gen: number, probe: string, call: string): Answer => {
  const { circuit } = work
  if (gen !== circuit.gen || circuit.state !== 'half_open' || circuit.probes[probe] === undefined) return 'stale'
  // oxlint-disable-next-line typescript/no-dynamic-delete -- see above.
  delete circuit.probes[probe]
  if (call === '') return 'counted'
  const code = call.charCodeAt(0)
  // A service that answers too late is not well either.
  if (isFailure(code) || isSlow(code)) circuit.failed++
  else circuit.passed++
  settle(work)
  return 'counted'
}

/** Decides over a half-open period as soon as the probes that are missing could change nothing. */
const settle = (work: Work): void => {
  const { circuit, config } = work
  const { passed, failed } = circuit
  const probes = Math.max(config.half_open_max, passed + failed)
  if (failed / probes >= config.failure_rate_threshold) {
    open(work, 'probe_failed', [passed + failed, failed, 0])
  } else if (passed + failed > 0 && (probes - passed) / probes < config.failure_rate_threshold) {
    change(work, 'closed', 'probe_ok', 0)
    circuit.opens = 0
  }
}

interface Hand {
  actor: string
  note: string
}

const force = (work: Work, { to, ttlMs, ...hand }: { to: Forced; ttlMs: number } & Hand): Answer => {
  if (work.circuit.state === to) return 'same'
  change(work, to, 'manual', ttlMs > 0 ? work.now + ttlMs : 0, hand)
  return 'done'
}

/** Back to deciding by itself. What was forced open is probed before it is trusted. */
const letGo = (work: Work, hand: Hand): Answer => {
  const { state } = work.circuit
  if (state !== 'forced_open' && state !== 'forced_closed' && state !== 'disabled') return 'same'
  change(work, state === 'forced_open' ? 'half_open' : 'closed', 'manual', 0, hand)
  return 'done'
}

/** Every change goes through here: a new generation, an empty window, and one fact. */
const change = (
  work: Work,
  to: BreakerState,
  reason: ChangeReason,
  until: number,
  { actor, note }: Hand = { actor: '', note: '' },
  seen = seenNow(work),
): void => {
  const { circuit, now } = work
  const from = circuit.state
  const opened = letsThrough(to) ? 0 : letsThrough(from) || circuit.opened === 0 ? now : circuit.opened
  const gen = work.next()
  work.changes.push({ from, to, reason, gen, at: now, until, opened, actor, seen })
  Object.assign(circuit, { state: to, gen, since: now, ends: until, opened, reason, actor, note, seen })
  Object.assign(circuit, { slots: emptySlots(), ring: '', run: 0, probes: {}, passed: 0, failed: 0 })
}

const seenNow = ({ circuit, now }: Work): Circuit['seen'] =>
  circuit.state === 'half_open'
    ? [circuit.passed + circuit.failed, circuit.failed, 0]
    : letsThrough(circuit.state)
      ? seenIn(circuit, now)
      : circuit.seen

/** An open breaker may be asked when its time is over, a half-open one when a probe must have been heard of, and sooner when
 *  leases are longer than open periods. */
const askAgainAt = ({ circuit, config, now }: Work): number =>
  circuit.state === 'half_open' ? Math.min(now + config.open_ms, ...Object.values(circuit.probes)) : circuit.ends
