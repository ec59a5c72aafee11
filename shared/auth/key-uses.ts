// When keys were used: to the minute, one field for each key, so that a fleet that is busy writes little.
import type { Kernel } from '../kernel/kernel.ts'

export interface KeyUses {
  /** The hash that holds them; whoever revokes a key removes its field. */
  readonly place: string
  /** Writes down that a key is used now, at most once a minute. Never waited for, and it may fail. */
  note(id: string): void
  /** Epoch ms for each of the ids, undefined for one that was never used. */
  of(ids: readonly string[]): Promise<(number | undefined)[]>
}

const EVERY_MS = 60_000
const REMEMBERED_MAX = 10_000

export const createKeyUses = (kernel: Kernel, name: string): KeyUses => {
  const { redis, clock } = kernel
  const place = kernel.key('auth', name)
  const noted = new Map<string, number>()
  return {
    place,
    note(id) {
      const now = clock.now()
      if (now - (noted.get(id) ?? 0) < EVERY_MS) return
      if (noted.size > REMEMBERED_MAX) noted.clear()
      noted.set(id, now)
      redis.hset(place, id, now).catch(() => undefined)
    },
    async of(ids) {
      if (ids.length === 0) return []
      return (await redis.hmget(place, ...ids)).map((at) => (at === null ? undefined : Number(at)))
    },
  }
}
