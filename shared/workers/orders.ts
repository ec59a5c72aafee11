// Orders to whoever runs a job: a short stream that every worker process follows, obeyed by the one that has the job. A
// process that is cut off from Redis hears them when it is back, which it would not by publish and subscribe.
import { z } from 'zod'
import type { Kernel } from '../kernel/kernel.ts'
import { isRedisDown } from '../kernel/redis.ts'
import { loop } from '../kernel/service.ts'
import type { Service } from '../kernel/service.ts'

export const Order = z.object({
  op: z.literal('cancel'),
  queue: z.string(),
  id: z.string(),
  reason: z.string().nullish(),
})
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

/** Hears every order that is given after `start` has resolved. What makes no sense is logged and passed over. */
export const createOrders = (kernel: Kernel, obey: (order: Order) => void): Service => {
  const redis = kernel.connect('worker', 'k1n-orders')
  let cursor: string | undefined
  const hear = (text: string): void => {
    const order = Order.safeParse(parseJson(text))
    if (order.success) obey(order.data)
    else kernel.log.warn('an order makes no sense', { order: text.slice(0, 200) })
  }
  const turn = async (): Promise<void> => {
    const reply = await redis.xread('BLOCK', BLOCK_MS, 'STREAMS', ordersKey(kernel), cursor ?? '$')
    for (const [id, fields] of reply?.[0]?.[1] ?? []) {
      cursor = id
      hear(fields[1] ?? '')
    }
  }
  const following = loop('orders', async (signal) => {
    // A command that waits for Redis is never answered once its connection is given up.
    const over = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    const rest = (error: unknown): Promise<void> => {
      if (!signal.aborted && !isRedisDown(error)) kernel.log.warn('orders could not be read', { error })
      return kernel.clock.sleep(signal.aborted ? 0 : PAUSE_MS, signal)
    }
    while (!signal.aborted) await Promise.race([turn().catch(rest), over])
  })
  return {
    name: 'orders',
    async start() {
      const [newest] = await redis.xrevrange(ordersKey(kernel), '+', '-', 'COUNT', 1)
      cursor ??= newest?.[0] ?? '0-0'
      await following.start()
    },
    async stop() {
      redis.disconnect()
      await following.stop()
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
