// Orders reach every process that follows them, also one that was cut off when they were given.
import { once } from 'node:events'
import type { Redis } from 'ioredis'
import type { Kernel } from '../kernel/kernel.ts'
import { expect, test as base } from '../../test/support/fixtures.ts'
import { createOrders, giveOrder } from './orders.ts'
import type { Order } from './orders.ts'

interface Follower {
  heard: Order[]
  /** The connection it listens over. */
  redis: Redis
}

const test = base.extend<{ follow: () => Promise<Follower> }>({
  follow: async ({ kernel }, use) => {
    const stops: (() => Promise<void>)[] = []
    await use(async () => {
      const heard: Order[] = []
      const redis = kernel.connect('worker')
      const orders = createOrders({ ...kernel, connect: () => redis } satisfies Kernel, (order) => heard.push(order))
      stops.push(() => orders.stop())
      await orders.start()
      return { heard, redis }
    })
    for (const stop of stops) await stop()
  },
})

const cancel = (id: string): Order => ({ op: 'cancel', queue: 'mail', id })

test('an order reaches every process, and nobody who comes later', async ({ kernel, follow }) => {
  const [one, two] = [await follow(), await follow()]
  await giveOrder(kernel, cancel('t_1'))
  await expect.poll(() => [one.heard, two.heard]).toEqual([[cancel('t_1')], [cancel('t_1')]])
  const late = await follow()
  await giveOrder(kernel, cancel('t_2'))
  await expect.poll(() => late.heard).toEqual([cancel('t_2')])
})

test('orders that were given while a process was cut off reach it when it is back', async ({ kernel, follow }) => {
  const { heard, redis } = await follow()
  const gone = once(redis, 'close')
  redis.disconnect(true)
  await gone
  await Promise.all([giveOrder(kernel, cancel('t_1')), giveOrder(kernel, cancel('t_2'))])
  expect(redis.status).not.toBe('ready')
  await expect.poll(() => heard).toEqual([cancel('t_1'), cancel('t_2')])
})
