// How often a service is usually called: what it is brought back to after an outage.
import type { Kernel } from '../kernel/kernel.ts'
import { HISTORY_SLOT_MS } from './history.ts'
import type { HistorySlot } from './history.ts'
import { createBreakerStore } from './store.ts'

/** Ten minutes of slots in which it was called. */
const SLOTS = 100

/** Calls a second in the newest slots in which there were any and that were over before a moment; undefined when there are
 *  none: a service that was called for some seconds only has no usual pace. The first slot may have begun late. */
export const usualPace = (slots: readonly HistorySlot[], beforeMs: number): number | undefined => {
  const called = slots.filter(({ n, tally }) => tally.calls > 0 && (n + 1) * HISTORY_SLOT_MS <= beforeMs)
  const counted = called.slice(1).slice(-SLOTS)
  if (counted.length === 0) return undefined
  return counted.reduce((sum, { tally }) => sum + tally.calls, 0) / (counted.length * (HISTORY_SLOT_MS / 1_000))
}

/** History ends after an hour, and an outage and the way back may be longer. */
const KEPT_MS = 25 * 3_600_000
/** Processes tell the begin of an outage by clocks of their own. */
const SAME_MS = 6_000

/** How often a service was called before a moment at which it went down. The first process that asks keeps the answer for
 *  those that ask when history no longer tells. */
export const createUsual = (kernel: Kernel): ((service: string, beforeMs: number) => Promise<number | undefined>) => {
  const { redis } = kernel
  const store = createBreakerStore(kernel)
  const keyOf = (service: string): string => kernel.key('breakers', 'usual', service)
  const kept = async (service: string, beforeMs: number): Promise<number | undefined> => {
    const [at = 0, perSecond] = ((await redis.get(keyOf(service))) ?? '').split(' ').map(Number)
    return Math.abs(at - beforeMs) < SAME_MS ? perSecond : undefined
  }
  return async (service, beforeMs) => {
    const known = await kept(service, beforeMs)
    if (known !== undefined) return known
    const perSecond = usualPace(await store.history(service), beforeMs)
    if (perSecond !== undefined) await redis.set(keyOf(service), `${beforeMs} ${perSecond}`, 'PX', KEPT_MS)
    return perSecond
  }
}
