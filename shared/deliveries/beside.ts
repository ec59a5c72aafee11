// What runs beside deliveries in the process that makes them: it writes what nobody waits for, and forgets what is old.
import { createBag } from '../kernel/bag.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { loop } from '../kernel/service.ts'
import type { Service } from '../kernel/service.ts'
import type { createOrphans } from './orphans.ts'
import type { DeliveryStore } from './store.ts'
import { tidyDeliveries } from './tidy.ts'

/** The name of the service of `createBeside`. */
export const BESIDE = 'what came of deliveries'

const TIDY_EVERY_MS = 60_000

export const tidying = (kernel: Kernel, store: DeliveryStore, endOrphans: ReturnType<typeof createOrphans>): Service =>
  loop('old deliveries', async (signal) => {
    while (!signal.aborted) {
      await kernel.clock.sleep(TIDY_EVERY_MS, signal)
      await endOrphans(signal).catch((error: unknown) =>
        kernel.log.warn('deliveries without jobs could not be ended', { error }),
      )
      await tidyDeliveries(kernel, store, signal).catch((error: unknown) =>
        kernel.log.warn('old deliveries could not be tidied', { error }),
      )
    }
  })

/** Redis may be away: what is not written by then is found by whoever looks for deliveries without jobs. */
const STOP_MS = 2_000

/** What is written beside the jobs it belongs to; stopped when all of it is there, or after `STOP_MS`. */
export const createBeside = (kernel: Kernel, { fares }: DeliveryStore) => {
  const open = createBag<Promise<unknown>>()
  const warn = (error: unknown): void => kernel.log.warn('what came of deliveries could not be written', { error })
  const settle = async (): Promise<void> => {
    await fares.settle().catch(warn)
    await Promise.allSettled([...open])
  }
  const service: Service = {
    name: BESIDE,
    start: () => Promise.resolve(),
    async stop() {
      const settled = new AbortController()
      await Promise.race([settle(), kernel.clock.sleep(STOP_MS, settled.signal)])
      settled.abort()
    },
  }
  return {
    service,
    add(work: Promise<unknown>): void {
      const leave = open.add(work)
      void work.catch(warn).finally(leave)
    },
  }
}
