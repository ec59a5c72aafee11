// What is kept is asked for no more, and is right at once whoever changes it and whatever becomes of the connections.
import { once } from 'node:events'
import type { Redis } from 'ioredis'
import { vi } from 'vitest'
import { expect, test as base } from '../../test/support/fixtures.ts'
import { createTracked } from './tracked.ts'

interface Given {
  key: string
  /** Connections by their names. */
  opened: Map<string, Redis>
  /** Reads how long the list is. */
  count: () => Promise<unknown>
  /** How often Redis was asked for it so far. */
  asked: () => number
  /** Reads until what is read is kept. */
  settle: () => Promise<void>
}

const test = base.extend<Given>({
  key: async ({ kernel }, use) => use(kernel.key('test', 'list')),
  opened: async ({ kernel }, use) => use(new Map([['own', kernel.redis]])),
  count: async ({ kernel, key, opened }, use) => {
    const connect: typeof kernel.connect = (role, name = '') => {
      const redis = kernel.connect(role, name)
      opened.set(name, redis)
      return redis
    }
    const look = createTracked({ ...kernel, connect })
    await use(async () => (await (await look())([{ command: 'llen', key }]))[0])
  },
  asked: async ({ count, opened }, use) => {
    await count()
    const spies = ['own', 'k1n-tracked'].map((name) => vi.spyOn(opened.get(name) as Redis, 'pipeline'))
    await use(() => spies.reduce((sum, { mock }) => sum + mock.calls.length, 0))
    for (const spy of spies) spy.mockRestore()
  },
  settle: async ({ count, asked }, use) =>
    use(() =>
      vi.waitFor(async () => {
        const before = asked()
        await count()
        expect(asked()).toBe(before)
      }),
    ),
})

test('a change by anybody is seen by the next to ask, and asked for once', async ({
  kernel,
  key,
  count,
  asked,
  settle,
}) => {
  await settle()
  const before = asked()
  for (let n = 1; n <= 100; n++) {
    await kernel.redis.rpush(key, 'x')
    expect([await count(), await count()]).toEqual([n, n])
  }
  expect(asked()).toBe(before + 100)
})

test('a change from within a script, a removal, an end by time and another type are changes', async ({
  kernel,
  key,
  count,
  settle,
}) => {
  await settle()
  await kernel.redis.eval('return redis.call("RPUSH", KEYS[1], "x", "y")', 1, key)
  expect(await count()).toBe(2)
  await kernel.redis.unlink(key)
  expect(await count()).toBe(0)
  await kernel.redis.set(key, 'text')
  expect(await count()).toBeUndefined()
  await kernel.redis.unlink(key)
  await kernel.redis.rpush(key, 'x')
  expect(await count()).toBe(1)
  await kernel.redis.pexpire(key, 1)
  await vi.waitFor(async () => expect(await count()).toBe(0))
})

test('what changes while it is read is not kept', async ({ kernel, key, count, settle }) => {
  await settle()
  for (let n = 1; n <= 50; n++) {
    await Promise.all([count(), kernel.redis.rpush(key, 'x'), count()])
    expect(await count()).toBe(n)
  }
})

test.for(['k1n-tracked', 'k1n-changes'])(
  'what changes while the connection %s is lost is seen',
  async (name, { kernel, key, opened, count, settle }) => {
    await settle()
    const redis = opened.get(name) as Redis
    const lost = once(redis, 'close')
    redis.disconnect(true)
    await kernel.redis.rpush(key, 'x')
    expect(await count()).toBe(1)
    await lost
    await kernel.redis.rpush(key, 'x')
    expect(await count()).toBe(2)
    await settle()
    await kernel.redis.rpush(key, 'x')
    expect(await count()).toBe(3)
  },
)

test('where Redis tells no changes everything is read each time', async ({ kernel, key, logged }) => {
  const connect: typeof kernel.connect = (...as) => {
    const redis = kernel.connect(...as)
    vi.spyOn(redis, 'client').mockRejectedValue(new Error('NOPERM this user has no permissions to run CLIENT'))
    return redis
  }
  const look = createTracked({ ...kernel, connect })
  expect(await (await look())([{ command: 'llen', key }])).toEqual([0])
  await vi.waitFor(() => expect(logged.map(({ msg }) => msg)).toContain('Redis does not tell what changes, so everything is read each time')) // prettier-ignore
  await kernel.redis.rpush(key, 'x')
  expect(await (await look())([{ command: 'llen', key }])).toEqual([1])
})
