// When calls had to wait for their turn because their service only comes back: told by each process, for those that start
// later.
import type { Kernel } from '../kernel/kernel.ts'

export interface TurnedAway {
  /** Calls of a service are turned away now. Redis hears it once a second from each process at most, and not while an earlier
   *  word has yet to reach it. */
  tell(service: string): void
  /** When calls of each service were turned away last, in epoch ms; undefined where none were for a while. */
  read(services: readonly string[]): Promise<(number | undefined)[]>
}

const TELL_EVERY_MS = 1_000
/** Longer than anybody asks for. */
const KEPT_MS = 60_000
const SERVICES_MAX = 2_000

export const createTurnedAway = (kernel: Kernel): TurnedAway => {
  const { redis, clock } = kernel
  const keyOf = (service: string): string => kernel.key('calls', 'turned-away', service)
  /** When a word may be told next. */
  const nextMs = new Map<string, number>()
  const write = async (service: string, now: number): Promise<void> => {
    nextMs.set(service, Infinity)
    await redis.set(keyOf(service), now, 'PX', KEPT_MS).catch(() => undefined)
    nextMs.set(service, now + TELL_EVERY_MS)
  }
  return {
    tell(service) {
      const now = clock.now()
      if (now < (nextMs.get(service) ?? 0)) return
      if (nextMs.size >= SERVICES_MAX) nextMs.clear()
      void write(service, now)
    },
    async read(services) {
      if (services.length === 0) return []
      const found = await redis.mget(services.map(keyOf))
      return found.map((text) => (text === null ? undefined : Number(text)))
    },
  }
}
