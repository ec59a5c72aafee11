// Hosts that jobs call become services by themselves, so that each has a breaker of its own.
import type { Kernel } from '../kernel/kernel.ts'
import type { DeclaredService } from './declare.ts'
import { LEARNT_MAX } from './store.ts'
import type { ServiceStore } from './store.ts'
import { ServiceName } from './words.ts'

/** How exactly it is known when a host was last called. */
const TOLD_EVERY_MS = 60_000

/** A host as the name of a service. */
const toName = (host: string): string | undefined =>
  ServiceName.safeParse(host.toLowerCase().replace(/\.(?=$|:\d+$)/, '')).data

/** Makes the function that is told each host that is called. It answers at once and tells Redis once a minute. */
export const createLearning = (
  kernel: Kernel,
  store: ServiceStore,
  declared: ReadonlyMap<string, DeclaredService>,
  forget: (names: readonly string[]) => Promise<void>,
): ((host: string) => string | undefined) => {
  const told = new Map<string, { name: string | undefined; at: number }>()
  const tell = async (name: string): Promise<void> => {
    const gone = (await store.learn(name)).filter((other) => !declared.has(other))
    if (gone.length > 0) await forget(gone)
  }
  return (host) => {
    const now = kernel.clock.now()
    const known = told.get(host)
    if (known && now - known.at < TOLD_EVERY_MS) return known.name
    const name = known ? known.name : toName(host)
    if (told.size >= LEARNT_MAX) told.clear()
    told.set(host, { name, at: now })
    // A host that is not told because Redis is away is told at one of the next calls.
    if (name !== undefined && !declared.has(name)) void tell(name).catch(() => told.delete(host))
    return name
  }
}
