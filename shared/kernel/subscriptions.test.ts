// One subscribed connection for all who listen.
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
