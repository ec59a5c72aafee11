// One subscribed connection for all who listen.
import { once } from 'node:events'
import type { Redis } from 'ioredis'
import { vi } from 'vitest'
import { expect, test } from '../../test/support/fixtures.ts'
import { subscribe } from './subscriptions.ts'

test('listeners share a connection, hear their channel only, and stop for themselves', async ({ kernel }) => {
  let connections = 0
  const counted = { ...kernel, connect: (...args: Parameters<typeof kernel.connect>) => (connections++, kernel.connect(...args)) } // prettier-ignore
  const heard: string[] = []
  const [a, b] = [kernel.key('a'), kernel.key('b')]
  const first = subscribe(counted, a, (text) => heard.push(`1 ${text}`))
  const second = subscribe(counted, a, (text) => heard.push(`2 ${text}`))
  const last = new Promise((resolve) => subscribe(counted, b, resolve))
  await Promise.all([first.ready, second.ready])
  await kernel.redis.publish(a, 'x')
  await expect.poll(() => heard).toEqual(['1 x', '2 x'])
  first.stop()
  await kernel.redis.publish(a, 'y')
  await kernel.redis.publish(b, 'end')
  expect(await last).toBe('end')
  expect(heard).toEqual(['1 x', '2 x', '2 y'])
  second.stop()
  await expect.poll(() => kernel.redis.publish(a, 'z')).toBe(0)
  expect(connections).toBe(1)
})

test('a subscription is renewed after an outage, and a connection that goes while it is renewed fails nobody', async ({
  kernel,
}) => {
  const opened: Redis[] = []
  const connect = (...args: Parameters<typeof kernel.connect>): Redis => {
    const redis = kernel.connect(...args)
    opened.push(redis)
    return redis
  }
  const heard: string[] = []
  const channel = kernel.key('a')
  await subscribe({ ...kernel, connect }, channel, (text) => heard.push(text)).ready
  const [redis] = opened
  if (!redis) throw new Error('unreachable')
  redis.disconnect(true)
  await once(redis, 'ready')
  await expect.poll(() => kernel.redis.publish(channel, 'x')).toBe(1)
  await expect.poll(() => heard).toEqual(['x'])
  redis.once('ready', () => {
    redis.disconnect()
    redis.stream.destroy()
  })
  redis.disconnect(true)
  await once(redis, 'end')
})

test('a subscription that Redis refused to renew is asked for again', async ({ kernel }) => {
  const opened: Redis[] = []
  const connect = (...args: Parameters<typeof kernel.connect>): Redis => {
    const redis = kernel.connect(...args)
    opened.push(redis)
    return redis
  }
  const channel = kernel.key('a')
  await subscribe({ ...kernel, connect }, channel, () => undefined).ready
  const [redis] = opened
  if (!redis) throw new Error('unreachable')
  const asked = vi.spyOn(redis, 'subscribe').mockRejectedValueOnce(new Error('NOPERM'))
  redis.disconnect(true)
  await once(redis, 'ready')
  await expect.poll(() => kernel.redis.publish(channel, 'x')).toBe(1)
  expect(asked).toHaveBeenCalledTimes(2)
})
