// Filling queues for both sides alike, and waiting until they are empty.
import { Queue } from 'bullmq'
import { EVENTS_MAX_LENGTH } from '../../shared/bullmq/settings.ts'
import { payloadOf } from './catalog.ts'
import type { BenchRedis } from './redis.ts'
import type { Bench } from './row.ts'

const AT_ONCE = 1_000
const LOOK_MS = 15

export interface BenchQueue {
  readonly queue: Queue
  /** Adds jobs while nobody may take them, then lets them be taken; see `drain`. */
  fill(count: number): Promise<void>
  /** Lets the jobs be taken and resolves when `count` more have completed. Answers how many looks that took. */
  drain(count: number): Promise<number>
}

/** A queue of ours or of the floor, told apart by the prefix. */
export const openQueue = (bench: Bench, redis: BenchRedis, prefix: string, name: string): BenchQueue => {
  // The same length on both sides: k1n raises it for its own queues.
  const streams = { events: { maxLen: EVENTS_MAX_LENGTH } }
  const queue = new Queue(name, { connection: redis.client, prefix, streams })
  queue.on('error', () => undefined)
  bench.after(() => queue.close())
  const completed = (): Promise<number> => redis.client.zcard(`${prefix}:${name}:completed`)
  let done = 0
  return {
    queue,
    async fill(count) {
      await queue.pause()
      for (let begun = 0; begun < count; begun += AT_ONCE)
        await queue.addBulk(
          Array.from({ length: Math.min(AT_ONCE, count - begun) }, (_, n) => ({
            name: 'noop',
            data: payloadOf(begun + n),
            opts: { attempts: 3 },
          })),
        )
      done = await completed()
    },
    async drain(count) {
      await queue.resume()
      let looks = 1
      for (; (await completed()) < done + count; looks++) await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
      return looks
    },
  }
}
