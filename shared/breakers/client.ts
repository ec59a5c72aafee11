// A process's own view of all breakers, for whoever calls services: closed and open are answered from memory.
import { randomUUID } from 'node:crypto'
import type { Kernel } from '../kernel/kernel.ts'
import type { Service } from '../kernel/service.ts'
import { subscribe } from '../kernel/subscriptions.ts'
import type { Subscription } from '../kernel/subscriptions.ts'
import type { ServiceConfig } from '../services/words.ts'
import { decideAlone, goAlone } from './alone.ts'
import { createKnowledge } from './knowledge.ts'
import { configure, createLine } from './line.ts'
import type { BreakerView, Line, Permit } from './line.ts'
import type { Command, Step } from './policy.ts'
import { probePermit } from './probe.ts'
import { breakersChannel } from './store.ts'
import type { BreakerConfig } from './words.ts'

export type { Admitted, BreakerView, Permit, Refused } from './line.ts'

export interface BreakerChange extends BreakerView {
  readonly service: string
}

export interface BreakerClient extends Service {
  /** May a call to this service start now? While its breaker is closed or open the answer is there at once and costs no Redis
   *  command. When an open period is over, or while probes decide, Redis is asked for a probe. `claimed` uses up a probe that
   *  `claimProbe` took. Never throws: with Redis away the last state holds and this process counts alone. With Redis there, a
   *  process stops calling at most 250 ms after the fleet has opened, also when no push arrives. */
  admit(service: string, options?: { probe?: 'claimed' }): Permit | Promise<Permit>
  /** Takes a probe before there is a job for it; to be used by `admit` with `claimed`, or released. */
  claimProbe(service: string): Promise<Permit>
  stateOf(service: string): BreakerView
  /** Calls back with every change of any service, and with the state each is in when this process starts. Answers how to
   *  stop. */
  onChange(listener: (change: BreakerChange) => void): () => void
  /** Tells the fleet what was gathered; by itself that happens every 100 ms and every 50 calls. */
  flush(): Promise<void>
}

export interface BreakerClientNeeds {
  configOf: (service: string) => ServiceConfig
  /** Names this process in probes. */
  processId?: string
}

const ROUND_MS = 100
/** Without a word from Redis for so long it is asked how things are. With the round before it, this keeps the promise. */
const SILENCE_MS = 100
/** After so long without a call a process asks nothing any more; the next call then waits for one answer. */
const IDLE_ROUNDS = 50
/** Refusals alone are told so seldom. */
const REFUSALS_ROUNDS = 10
/** How long a half-open breaker that gave no probe is not asked again by this process. */
const QUIET_MS = 100
const LINES_MAX = 2_000
const STOP_MS = 1_000

export const createBreakerClient = (kernel: Kernel, needs: BreakerClientNeeds): BreakerClient => {
  const { clock } = kernel
  const { processId = randomUUID() } = needs
  const configOf = (service: string): BreakerConfig => needs.configOf(service).breaker
  const lines = new Map<string, Line>()
  const listeners = new Set<(change: BreakerChange) => void>()
  const onCall = (line: Line, isFull: boolean): void => {
    if (isFull && line.telling === undefined) void tell(line)
    else wake()
  }
  const onChange = (service: string, view: BreakerView): void => {
    for (const listener of listeners) listener({ service, ...view })
  }
  const knowledge = createKnowledge(kernel, { lines, configOf, onCall, onChange })
  let used = false
  let probes = 0
  let rounds: Promise<void> | undefined
  let ended = new AbortController()
  let isStopped = false
  let subscription: Subscription | undefined

  const lineOf = (service: string): Line => {
    const known = lines.get(service)
    if (known) return known
    makeRoom(lines)
    const line = createLine(service, clock, knowledge.viewOf(service), onCall)
    configure(line, configOf(service))
    lines.set(service, line)
    return line
  }

  // What is told.

  const tell = (line: Line): Promise<void> =>
    (line.telling ??= tellNow(line).finally(() => {
      line.telling = undefined
    }))
  const tellNow = async (line: Line): Promise<void> => {
    const { gathered: calls, gatheredGen: gen, refused } = line
    if (calls === '' && refused === 0) return
    line.gathered = ''
    line.refused = 0
    if (knowledge.isLost) {
      tellMyself(line, calls)
      return
    }
    try {
      await knowledge.command(line, { op: 'report', gen, calls, refused })
    } catch (error) {
      knowledge.lose(error)
      tellMyself(line, calls)
    }
  }
  const tellMyself = (line: Line, calls: string): void => {
    if (calls === '') return
    line.circuit ??= goAlone(line.view)
    alone(line, { op: 'report', gen: line.circuit.gen, calls, refused: 0 })
  }
  const alone = (line: Line, what: Command): Step => {
    const decided = decideAlone(line.circuit ?? goAlone(line.view), what, configOf(line.service), kernel)
    line.circuit = decided.circuit
    const { state, gen, since, ends } = decided.circuit
    knowledge.show(line, { state, generation: gen, sinceMs: since, untilMs: ends, local: true })
    return decided
  }
  const tellAll = async (refusalsToo: boolean): Promise<void> => {
    const full = [...lines.values()].filter(
      (line) => line.telling === undefined && (line.gathered !== '' || (refusalsToo && line.refused > 0)),
    )
    await Promise.all(full.map(tell))
  }
  const flush = async (): Promise<void> => {
    await Promise.all([...lines.values()].flatMap(({ telling }) => telling ?? []))
    await tellAll(true)
  }

  // Rounds, while there is something to do.

  const isQuiet = (): boolean => {
    for (const { view, gathered, refused } of lines.values())
      if (view.state !== 'closed' || view.local || gathered !== '' || refused > 0) return false
    return true
  }
  const go = async (signal: AbortSignal): Promise<void> => {
    for (let n = 1, idle = 0; !signal.aborted && idle < IDLE_ROUNDS; n++) {
      await clock.sleep(ROUND_MS, signal)
      idle = !used && isQuiet() ? idle + 1 : 0
      used = false
      for (const line of lines.values()) configure(line, configOf(line.service))
      await tellAll(n % REFUSALS_ROUNDS === 0)
      if (knowledge.silenceMs() >= SILENCE_MS) await knowledge.catchUp()
    }
    knowledge.rest()
    rounds = undefined
    // A call may have been made while the last round was under way.
    if (used) wake()
  }
  const wake = (): void => {
    if (!isStopped) rounds ??= go(ended.signal)
  }

  // What is answered.

  const admitSlowly = (service: string, options: { probe?: 'claimed' } | undefined): Permit | Promise<Permit> => {
    used = true
    wake()
    const line = lineOf(service)
    const claimed = options?.probe === 'claimed' ? line.claimed.shift() : undefined
    if (claimed) return claimed
    return knowledge.isFresh ? decide(line) : knowledge.catchUp().then(() => decide(line))
  }
  const decide = (line: Line): Permit | Promise<Permit> => {
    if (line.passes) return line.permit
    if (line.shutUntil > clock.now()) return refuse(line)
    if (line.circuit) return probeAlone(line)
    return line.asking >= configOf(line.service).half_open_max ? refuse(line) : askForProbe(line)
  }
  const refuse = (line: Line): Permit => {
    line.refused++
    return line.refusal
  }
  const askForProbe = async (line: Line): Promise<Permit> => {
    const probe = `${processId}:${++probes}`
    line.asking++
    try {
      const { answer, word, askAgainAt } = await knowledge.command(line, { op: 'admit', probe })
      if (answer === 'probe') return probePermit(line, (call) => endProbe(line, word.gen, probe, call))
      if (answer === 'passed') return line.permit
      if (line.view.state === 'half_open') {
        line.shutUntil = clock.now() + QUIET_MS
        line.askAgainAt = knowledge.toLocal(askAgainAt)
      }
      return refuse(line)
    } catch (error) {
      knowledge.lose(error)
      return await decide(line)
    } finally {
      line.asking--
    }
  }
  /** A result that does not arrive counts as a failure when the lease is over. */
  const endProbe = (line: Line, gen: number, probe: string, call: string): void => {
    knowledge.command(line, { op: 'probe', gen, probe, call }).catch(knowledge.lose)
  }
  /** One probe of this process, decided by it alone. */
  const probeAlone = (line: Line): Permit => {
    const probe = `${processId}:${++probes}`
    const { answer, circuit } = alone(line, { op: 'admit', probe })
    if (answer === 'passed') return line.permit
    if (answer === 'refused') return refuse(line)
    return probePermit(line, (call) => {
      if (line.circuit) alone(line, { op: 'probe', gen: circuit.gen, probe, call })
    })
  }

  return {
    name: 'breakers',
    admit(service, options) {
      const line = lines.get(service)
      if (line !== undefined && knowledge.isFresh && options === undefined) {
        used = true
        if (line.passes) return line.permit
        if (line.shutUntil > clock.now()) return refuse(line)
      }
      return admitSlowly(service, options)
    },
    async claimProbe(service) {
      const permit = await admitSlowly(service, undefined)
      if (permit.admitted && permit.probe) lineOf(service).claimed.push(permit)
      return permit
    },
    stateOf: (service) => lines.get(service)?.view ?? knowledge.viewOf(service),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    flush,
    async start() {
      isStopped = false
      subscription ??= subscribe(kernel, breakersChannel(kernel), knowledge.hear)
      await knowledge.begin(subscription.ready)
      await knowledge.catchUp()
      wake()
    },
    async stop() {
      isStopped = true
      subscription?.stop()
      subscription = undefined
      for (const { claimed } of lines.values()) for (const permit of claimed) permit.release()
      await Promise.race([flush(), clock.sleep(STOP_MS)])
      ended.abort()
      await rounds
      ended = new AbortController()
    },
  }
}

/** Hosts that jobs call may be many: the one that was first asked about, and has nothing to tell, leaves. */
const makeRoom = (lines: Map<string, Line>): void => {
  if (lines.size < LINES_MAX) return
  for (const [service, { gathered, refused, claimed, telling }] of lines)
    if (gathered === '' && refused === 0 && claimed.length === 0 && telling === undefined) {
      lines.delete(service)
      return
    }
}
