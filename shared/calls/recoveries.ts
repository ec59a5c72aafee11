// Which services come back from an outage just now, and how often they were called before it.
import type { BreakerChange, BreakerClient } from '../breakers/client.ts'
import { letsThrough } from '../breakers/policy.ts'
import { createBreakerStore } from '../breakers/store.ts'
import type { Brief, PastChange } from '../breakers/store.ts'
import { createUsual } from '../breakers/usual.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { RAMP_MAX_MS, pace } from './ramp.ts'
import type { Ramp } from './ramp.ts'
import { createTurnedAway } from './turned-away.ts'

export interface Recoveries {
  /** Learns of outages that began before this process did, also of those that are over; hears of changes from then on.
   *  Nobody may be let in before. */
  begin(): Promise<void>
  /** How a service comes back; undefined when it does not. */
  rampOf(service: string): Ramp | undefined
  /** A call has to wait for its turn. */
  turnAway(service: string): void
  /** Calls a second it usually gets; undefined when nobody knows yet. */
  usualOf(service: string): number | undefined
  stop(): void
}

/** A service whose usual pace is not known comes back to this, in calls a second. */
const UNKNOWN_PER_S = 20
const KEPT_MAX = 2_000
/** Changes are kept for so long. */
const PAST_MS = 86_400_000
/** Services whose past is read together. */
const READ_AT_ONCE = 50

export const createRecoveries = (kernel: Kernel, breakers: Pick<BreakerClient, 'onChange'>): Recoveries => {
  const { clock } = kernel
  const store = createBreakerStore(kernel)
  const usualAt = createUsual(kernel)
  const usual = new Map<string, number>()
  const ramps = new Map<string, Omit<Ramp, 'usualPerS'>>()
  const turnedAway = createTurnedAway(kernel)
  const comeBack = (service: string, downMs: number, sinceMs: number, turnedAwayMs: number): void => {
    ramps.set(service, { sinceMs, outageMs: sinceMs - downMs, turnedAwayMs })
  }
  /** Services that are down, and since when; only these come back slowly. */
  const down = new Map<string, number>()
  let hasBegun = false

  const learn = async (service: string, beforeMs: number): Promise<void> => {
    const perSecond = await usualAt(service, beforeMs).catch(() => undefined)
    if (perSecond === undefined) return
    if (usual.size >= KEPT_MAX) usual.clear()
    usual.set(service, perSecond)
  }
  /** For each question that is under way: services that were heard of since it was asked. */
  const asking = new Set<Set<string>>()
  const outagesOf = async (services: readonly string[]) => {
    const heard = new Set<string>()
    asking.add(heard)
    try {
      const [past, away] = await Promise.all([store.past(services, clock.now() - PAST_MS), turnedAway.read(services)])
      const outages = services.map((service, n) => ({ service, awayMs: away[n], ...lastOutage(past[n] ?? []) }))
      return {
        outages: outages.filter(({ service }) => !heard.has(service)),
        stale: services.filter((service) => heard.has(service)),
      }
    } finally {
      asking.delete(heard)
    }
  }
  /** Makes of the past of services what this process would know had it been there. */
  const recall = async (services: readonly string[]): Promise<void> => {
    const { outages, stale } = await outagesOf(services)
    for (const { service, awayMs, downMs, upMs } of outages) {
      if (downMs === undefined) continue
      if (upMs === undefined) down.set(service, downMs)
      // Where nobody is turned away any more, a way back that is long over stays over.
      else comeBack(service, downMs, upMs, Math.max(upMs, awayMs ?? upMs))
    }
    for (const { service, downMs } of outages) if (downMs !== undefined) await learn(service, downMs)
    // What was heard meanwhile is newer than the answer, and tells less: when the outage began.
    if (stale.length > 0) await recall(stale)
  }
  const isRecent = ({ state, since }: Pick<Brief, 'state' | 'since'>): boolean =>
    state === 'closed' && since > clock.now() - RAMP_MAX_MS
  const onChange = ({ service, state, sinceMs }: BreakerChange): void => {
    if (!hasBegun) return
    for (const heard of asking) heard.add(service)
    const downMs = down.get(service)
    if (!letsThrough(state)) {
      if (downMs === undefined) void learn(service, sinceMs)
      down.set(service, downMs ?? sinceMs)
      ramps.delete(service)
      return
    }
    down.delete(service)
    if (state === 'closed' && downMs !== undefined) comeBack(service, downMs, sinceMs, sinceMs)
    // It was down, and this process did not hear of it.
    else if (isRecent({ state, since: sinceMs })) void recall([service]).catch(() => undefined)
  }
  const rampOf = (service: string): Ramp | undefined => {
    const ramp = ramps.get(service)
    if (ramp === undefined) return undefined
    const known = { ...ramp, usualPerS: usual.get(service) ?? UNKNOWN_PER_S }
    if (pace(known, clock.now()) !== undefined) return known
    ramps.delete(service)
    return undefined
  }
  const stop = breakers.onChange(onChange)
  return {
    async begin() {
      hasBegun = true
      const { states } = await store.states()
      const concerned = [...states.values()].filter((brief) => !letsThrough(brief.state) || isRecent(brief))
      const services = concerned.map(({ service }) => service)
      for (let n = 0; n < services.length; n += READ_AT_ONCE) await recall(services.slice(n, n + READ_AT_ONCE))
    },
    rampOf,
    turnAway(service) {
      const ramp = rampOf(service)
      if (ramp === undefined) return
      ramps.set(service, { ...ramp, turnedAwayMs: clock.now() })
      turnedAway.tell(service)
    },
    usualOf: (service) => usual.get(service),
    stop,
  }
}

/** When a service was down last, by its changes, oldest first: until when is left out while it is. Undefined where it was
 *  not, or where it is held in a state by hand since. */
export const lastOutage = (changes: readonly PastChange[]): { downMs: number; upMs?: number } | undefined => {
  const last = changes.at(-1)
  // Where it was down for longer than changes are kept, it has been since the first of them at least.
  const began = changes.findLast(({ from, to }) => letsThrough(from) && !letsThrough(to)) ?? changes[0]
  if (last === undefined || began === undefined) return undefined
  if (!letsThrough(last.to)) return { downMs: began.at }
  return letsThrough(last.from) || last.to !== 'closed' ? undefined : { downMs: began.at, upMs: last.at }
}
