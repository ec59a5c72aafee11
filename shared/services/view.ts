// A process's own view of what services are held to: answered from memory, pushed when somebody changes something.
import type { Kernel } from '../kernel/kernel.ts'
import { subscribe } from '../kernel/subscriptions.ts'
import type { Subscription } from '../kernel/subscriptions.ts'
import type { DeclaredService } from './declare.ts'
import { DEFAULT_CONFIG } from './declare.ts'
import { configWith } from './policy.ts'
import { servicesChannel } from './store.ts'
import type { ServiceStore, Versioned } from './store.ts'
import type { ServiceConfig } from './words.ts'

export interface ServiceView {
  /** What a service is held to, as far as this process knows; the defaults for one nobody said anything about. The same
   *  object until something changes. Asks Redis in the background when the last look is 3 s ago. */
  configOf(service: string): ServiceConfig
  start(): Promise<void>
  stop(): Promise<void>
}

const STALE_MS = 3_000
/** A start does not wait longer for Redis; what is missed is read when it is asked for. */
const START_MS = 500

export const createServiceView = (
  kernel: Kernel,
  store: ServiceStore,
  declared: ReadonlyMap<string, DeclaredService>,
): ServiceView => {
  let records: ReadonlyMap<string, Versioned> = new Map()
  let revision: string | null | undefined
  let known = new Map<string, ServiceConfig>()
  let lookedAt = Number.NEGATIVE_INFINITY
  let looking: Promise<void> | undefined
  let subscription: Subscription | undefined

  const look = async (): Promise<void> => {
    lookedAt = kernel.clock.now()
    const now = await store.revision()
    if (now === revision) return
    records = await store.records()
    known = new Map()
    revision = now
  }
  /** With Redis away what was known goes on to hold. */
  const refresh = (): Promise<void> =>
    (looking ??= look()
      .catch(() => undefined)
      .finally(() => (looking = undefined)))
  const resolve = (service: string): ServiceConfig => {
    const base = declared.get(service)?.config ?? DEFAULT_CONFIG
    const edits = records.get(service)?.edits
    const config = configWith(base, edits)
    // Only what differs from the defaults is worth memory: hosts that are learnt may be many.
    if (edits !== undefined) known.set(service, config)
    return config
  }
  return {
    configOf(service) {
      if (kernel.clock.now() - lookedAt >= STALE_MS) void refresh()
      return known.get(service) ?? resolve(service)
    },
    async start() {
      subscription ??= subscribe(kernel, servicesChannel(kernel), () => {
        // A look that is under way may have been too early for what is told now.
        void (looking ?? Promise.resolve()).then(refresh)
      })
      await Promise.race([subscription.ready, kernel.clock.sleep(START_MS)])
      await refresh()
    },
    async stop() {
      subscription?.stop()
      subscription = undefined
      await looking
    },
  }
}
