// Queues whose workers stopped fetching because the service all their jobs call lets nobody in. The workers say so again and
// again while it lasts; what was not said lately no longer holds.
import { z } from 'zod'
import type { Kernel } from '../kernel/kernel.ts'
import { HoldCause } from './words.ts'

/** What workers say of a queue they hold. Times are epoch milliseconds; `at` is when it was said last. */
export const Held = z.object({
  service: z.string(),
  cause: HoldCause,
  until: z.number(),
  reason: z.string(),
  at: z.number(),
})
export type Held = z.output<typeof Held>

/** How long a word holds; workers renew it well within. */
export const HELD_MS = 30_000

/** Hash of queue → `Held` as JSON. */
export const heldKey = (kernel: Kernel): string => kernel.key('services', 'held')

/** Which of these queues are held now. One command whatever their number. */
export const readHeld = async (kernel: Kernel, queues: readonly string[]): Promise<Map<string, Held>> => {
  if (queues.length === 0) return new Map()
  const texts = await kernel.redis.hmget(heldKey(kernel), ...queues)
  const now = kernel.clock.now()
  return new Map(
    queues.flatMap((queue, index) => {
      const held = parse(texts[index])
      return held && now - held.at < HELD_MS ? [[queue, held] as const] : []
    }),
  )
}

const parse = (text: string | null | undefined): Held | undefined => {
  if (!text) return undefined
  try {
    return Held.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** Says that a queue is held, or still is. */
export const holdQueue = async (kernel: Kernel, queue: string, held: Omit<Held, 'at'>): Promise<void> => {
  await kernel.redis.hset(heldKey(kernel), queue, JSON.stringify({ ...held, at: kernel.clock.now() } satisfies Held))
}

/** Says that a queue is fetched from again. */
export const releaseQueue = async (kernel: Kernel, queue: string): Promise<void> => {
  await kernel.redis.hdel(heldKey(kernel), queue)
}
