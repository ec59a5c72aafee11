// Deliveries are kept for thirty days, at most a hundred thousand of them; those that are still open stay.
import type { Kernel } from '../kernel/kernel.ts'
import type { DeliveryStore } from './store.ts'

export const KEPT_MS = 30 * 86_400_000
export const KEPT_MAX = 100_000
/** Slices in one round; each holds Redis for a millisecond or two. */
const SLICES = 100

/** Forgets what is too old or too much, and what is left of endpoints that were deleted, in small steps. Several processes may do so at once. Answers how many went. */
export const tidyDeliveries = async (
  kernel: Kernel,
  store: Pick<DeliveryStore, 'trim' | 'dropBuried'>,
  signal: AbortSignal,
  kept = KEPT_MAX,
): Promise<number> => {
  await store.dropBuried()
  let gone = 0
  for (let slice = 0; slice < SLICES && !signal.aborted; slice++) {
    const went = await store.trim(kernel.clock.now() - KEPT_MS, kept)
    if (went === 0) break
    gone += went
  }
  return gone
}
