// How far each durable consumer has read the log, and which process reads for it. The log is not trimmed past them.
import { isAfter } from '../bullmq/event-streams.ts'
import type { Fact } from '../kernel/event.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createHold } from '../kernel/lease.ts'
import { script } from '../kernel/script.ts'
import { eventLogKey, factArgs } from './log.ts'

const register = script(new URL('./register.lua', import.meta.url))
const move = script(new URL('./move.lua', import.meta.url))

/** Another process reads for this consumer now, or Redis has gone back to an earlier position. */
export class PlaceLost extends Error {}

/** One process's claim on a consumer's position. */
export interface Place {
  /** Takes the lease, or keeps it when it is ours. False while another process holds it. */
  acquire(): Promise<boolean>
  release(): Promise<void>
  /** Moves on from one entry to another and tells facts with that, once however often it is sent. Throws `PlaceLost`. */
  move(from: string, to: string, facts?: readonly Fact[]): Promise<void>
}

const positionsKey = (kernel: Kernel): string => kernel.key('stream', 'consumers')

export const createPlace = (kernel: Kernel, name: string, leaseMs: number): Place => {
  const lease = kernel.key('stream', 'consumer', name)
  const { redis } = kernel
  const hold = createHold(redis, lease, leaseMs)
  return {
    acquire: () => hold.acquire(),
    release: () => hold.release(),
    async move(from, to, facts = []) {
      const keys = [lease, positionsKey(kernel), eventLogKey(kernel)]
      const moved = await move(redis, keys, [hold.token, leaseMs, name, from, to, ...factArgs(facts)])
      if (moved === 0) throw new PlaceLost('another process has taken over')
      if (moved === 2) throw new PlaceLost('Redis has lost its newest writes; reading starts over from what it has')
    },
  }
}

/** Where a consumer reads on: the entry it read last. A new one begins at the log's end, and from then on nothing it has not
 *  read is trimmed, though nobody reads for it yet. */
export const registerConsumer = async (kernel: Kernel, name: string): Promise<string> =>
  String(await register(kernel.redis, [positionsKey(kernel), eventLogKey(kernel)], [name]))

/** Where each consumer stands, by its name. */
export const consumerPositions = async (kernel: Kernel): Promise<Map<string, string>> =>
  new Map(Object.entries(await kernel.redis.hgetall(positionsKey(kernel))))

/** The oldest of some positions; undefined where there is none. */
export const oldestOf = (positions: Iterable<string>): string | undefined => {
  let oldest: string | undefined
  for (const position of positions) if (oldest === undefined || isAfter(oldest, position)) oldest = position
  return oldest
}
