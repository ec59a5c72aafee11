// Which services come back from an outage just now, and how often they were called before it.
import type { BreakerClient } from '../breakers/client.ts'
import { createUsual } from '../breakers/usual.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { pace } from './ramp.ts'
import type { Ramp } from './ramp.ts'

export interface Recoveries {
  /** How a service comes back; undefined when it does not. */
  rampOf(service: string): Ramp | undefined
  /** Calls a second it usually gets; undefined when nobody knows yet. */
  usualOf(service: string): number | undefined
  stop(): void
}

/** A service whose usual pace is not known comes back to this, in calls a second. */
const UNKNOWN_PER_S = 20
const KEPT_MAX = 2_000

export const createRecoveries = (kernel: Kernel, breakers: Pick<BreakerClient, 'onChange'>): Recoveries => {
  const usualAt = createUsual(kernel)
  const usual = new Map<string, number>()
  const ramps = new Map<string, Ramp>()
  /** Services that are down, and since when; only these come back slowly. */
  const down = new Map<string, number>()

  const learn = async (service: string, beforeMs: number): Promise<void> => {
    const perSecond = await usualAt(service, beforeMs).catch(() => undefined)
    if (perSecond === undefined) return
    if (usual.size >= KEPT_MAX) usual.clear()
    usual.set(service, perSecond)
  }
  const stop = breakers.onChange(({ service, state, sinceMs }) => {
    if (state === 'open' && !down.has(service)) void learn(service, sinceMs)
    const downMs = down.get(service)
    if (state === 'open' || state === 'half_open' || state === 'forced_open') {
      down.set(service, downMs ?? sinceMs)
      ramps.delete(service)
      return
    }
    down.delete(service)
    if (downMs === undefined || state !== 'closed') return
    ramps.set(service, { sinceMs, usualPerS: usual.get(service) ?? UNKNOWN_PER_S, outageMs: sinceMs - downMs })
  })
  return {
    rampOf(service) {
      const ramp = ramps.get(service)
      if (ramp === undefined || pace(ramp, kernel.clock.now()) !== undefined) return ramp
      ramps.delete(service)
      return undefined
    },
    usualOf: (service) => usual.get(service),
    stop,
  }
}
