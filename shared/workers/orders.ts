// Orders to worker processes: a short stream that each of them follows, obeyed by the one that has the job, or by the first.
// A process that is cut off from Redis hears them when it is back, which it would not by publish and subscribe.
import { z } from 'zod'
import { openBlocking } from '../kernel/blocking.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { isRedisDown } from '../kernel/redis.ts'
import { loop } from '../kernel/service.ts'
import type { Service } from '../kernel/service.ts'

/** `cancel`: end this job, and leave it `grace_ms` to end by itself. `fetch`: one process shall fetch one job of a queue that is held for its service, as a forced
 *  one stands first in its line; `ticket` tells the order from others. `worker`: this process stops or goes on
 *  fetching. `shutdown`: it ends, and leaves its jobs so long to end first. */
export const Order = z.discriminatedUnion('op', [
  z.object({
    op: z.literal('cancel'),
    queue: z.string(),
    id: z.string(),
    reason: z.string().nullish(),
    grace_ms: z.number().nullish(),
  }),
  z.object({ op: z.literal('fetch'), queue: z.string(), ticket: z.string() }),
  z.object({ op: z.literal('worker'), id: z.string(), turn: z.enum(['pause', 'resume']) }),
  z.object({ op: z.literal('shutdown'), id: z.string(), grace_ms: z.number() }),
])
export type Order = z.output<typeof Order>

/** How many are kept: far more than are given while a process is away. */
const KEPT = 1_000
const BLOCK_MS = 5_000
const PAUSE_MS = 250

export const ordersKey = (kernel: Kernel): string => kernel.key('orders')

/** Resolves when the order is in Redis. Whoever runs the job hears it within milliseconds, or as soon as Redis answers it. */
export const giveOrder = async (kernel: Kernel, order: Order): Promise<void> => {
  await kernel.redis.xadd(ordersKey(kernel), 'MAXLEN', '~', KEPT, '*', 'order', JSON.stringify(order))
}

/** How long it is known who took an order. */
const TAKEN_MS = 60_000

/** Of all who hear an order that one of them shall obey, the first to ask is answered `true`. */
export const takeOrder = async (kernel: Kernel, ticket: string): Promise<boolean> =>
  (await kernel.redis.set(kernel.key('orders', 'taken', ticket), '1', 'PX', TAKEN_MS, 'NX')) === 'OK'

/** Hears every order that is given after `start` has resolved. What makes no sense is logged and passed over. */
export const createOrders = (kernel: Kernel, obey: (order: Order) => void): Service => {
  const connection = openBlocking(kernel, 'k1n-orders')
  let cursor: string | undefined
  const hear = (text: string): void => {
    const order = Order.safeParse(parseJson(text))
    if (order.success) obey(order.data)
    else kernel.log.warn('an order makes no sense', { order: text.slice(0, 200) })
  }
  const turn = async (from: string): Promise<void> => {
    const reply = await connection.ask((redis) => redis.xread('BLOCK', BLOCK_MS, 'STREAMS', ordersKey(kernel), from))
    for (const [id, fields] of reply?.[0]?.[1] ?? []) {
      cursor = id
      hear(fields[1] ?? '')
    }
  }
  const rest = (error: unknown, signal: AbortSignal): Promise<void> => {
    if (!isRedisDown(error)) kernel.log.warn('orders could not be read', { error })
    return kernel.clock.sleep(PAUSE_MS, signal)
  }
  const following = loop('orders', async (signal) => {
    signal.addEventListener('abort', () => connection.close(), { once: true })
    while (!signal.aborted) await turn(cursor ?? '0-0').catch((error: unknown) => rest(error, signal))
  })
  return {
    ...following,
    async start() {
      const newest = await connection.ask((redis) => redis.xrevrange(ordersKey(kernel), '+', '-', 'COUNT', 1))
      cursor ??= newest?.[0]?.[0] ?? '0-0'
      await following.start()
    },
  }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
