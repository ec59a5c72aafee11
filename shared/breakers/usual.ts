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

/** Reads it. */
export const createUsual = (kernel: Kernel): ((service: string, beforeMs: number) => Promise<number | undefined>) => {
  const store = createBreakerStore(kernel)
  return async (service, beforeMs) => usualPace(await store.history(service), beforeMs)
}
