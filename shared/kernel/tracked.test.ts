// What is kept is asked for no more, and is right at once whoever changes it and whatever becomes of the connections.
import { once } from 'node:events'
import type { Redis } from 'ioredis'
import { vi } from 'vitest'
import { expect, test as base } from '../../test/support/fixtures.ts'
import { startTestRedis } from '../../test/support/redis-server.ts'
import { connectRedis } from './redis.ts'
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
    await use(async () => (await look()([{ command: 'llen', key }]))[0])
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
  expect(await look()([{ command: 'llen', key }])).toEqual([0])
  await vi.waitFor(() => expect(logged.map(({ msg }) => msg)).toContain('Redis does not tell what changes, so everything is read each time')) // prettier-ignore
  await kernel.redis.rpush(key, 'x')
  expect(await look()([{ command: 'llen', key }])).toEqual([1])
})

const REFUSED = 'Redis does not tell what changes, so everything is read each time'

test.for(['k1n-tracked', 'k1n-changes'])(
  'what does not answer on the connection %s while it is agreed what to tell is asked anew',
  async (name, { kernel, key }) => {
    const reads = vi.fn()
    let silent = 0
    const look = createTracked({
      ...kernel,
      connect: (role, as) => {
        const redis = kernel.connect(role, as)
        const client = redis.client.bind(redis) as (...args: unknown[]) => Promise<unknown>
        const onceSilent = (...args: unknown[]): Promise<unknown> =>
          ['ID', 'TRACKING'].includes(String(args[0])) && silent++ === 0
            ? Promise.reject(new Error('Command timed out'))
            : client(...args)
        if (as === name) vi.spyOn(redis, 'client').mockImplementation(onceSilent as never)
        countPipelines(redis, reads)
        return redis
      },
    })
    await vi.waitFor(async () => {
      await look()([{ command: 'llen', key }])
      expect(reads).toHaveBeenCalled()
    })
    expect(silent).toBeGreaterThan(1)
  },
)

test('a connection that does not answer a look is opened anew, so that nobody else waits for it', async ({
  kernel,
  key,
  opened,
  count,
  settle,
}) => {
  await settle()
  const hearing = opened.get('k1n-changes') as Redis
  const lost = once(hearing, 'close')
  vi.spyOn(hearing, 'ping').mockRejectedValueOnce(new Error('Command timed out'))
  await expect(count()).rejects.toThrow('Command timed out')
  await kernel.redis.rpush(key, 'x')
  expect(await count()).toBe(1)
  await lost
  await settle()
})

test('it asks again to be told some minutes after Redis refused', async ({ kernel, clock, key, logged }) => {
  const refused = vi.fn(() => Promise.reject(new Error('NOPERM this user has no permissions to run CLIENT')))
  const connect: typeof kernel.connect = (...as) => {
    const redis = kernel.connect(...as)
    vi.spyOn(redis, 'client').mockImplementation(refused)
    return redis
  }
  const look = createTracked({ ...kernel, connect })
  const read = async (): Promise<unknown> => look()([{ command: 'llen', key }])
  await read()
  await vi.waitFor(() => expect(logged.map(({ msg }) => msg)).toEqual([REFUSED]))
  const before = refused.mock.calls.length
  await clock.advance(299_999)
  await read()
  expect(refused).toHaveBeenCalledTimes(before)
  await clock.advance(1)
  await read()
  await vi.waitFor(() => expect(refused.mock.calls.length).toBeGreaterThan(before))
  expect(logged).toHaveLength(1)
})

test('a connection that hears another Redis, such as the one before a failover, is not believed', async ({
  kernel,
  key,
  logged,
}) => {
  const other = await startTestRedis()
  const hearing = connectRedis(other.url, 'producer', 'k1n-changes')
  // Numbers of connections are small after a start, and somebody else's here.
  vi.spyOn(hearing, 'client').mockImplementation(() => kernel.redis.client('ID') as never)
  try {
    const look = createTracked({
      ...kernel,
      connect: (role, name) => (name === 'k1n-changes' ? hearing : kernel.connect(role, name)),
    })
    for (let n = 1; n <= 50; n++) {
      await kernel.redis.rpush(key, 'x')
      expect(await look()([{ command: 'llen', key }])).toEqual([n])
    }
    await vi.waitFor(() => expect(logged.map(({ msg }) => msg)).toEqual([REFUSED]))
  } finally {
    hearing.disconnect()
    await other.stop()
  }
})

test('what was read last is kept when there is no room for all', async ({ kernel, key }) => {
  const reads = vi.fn()
  const connect: typeof kernel.connect = (...as) => {
    const redis = kernel.connect(...as)
    countPipelines(redis, reads)
    return redis
  }
  const look = createTracked({ ...kernel, connect }, 2)
  const isKept = async (name: string): Promise<boolean> => {
    const before = reads.mock.calls.length
    await look()([{ command: 'llen', key: `${key}:${name}` }])
    return reads.mock.calls.length === before
  }
  await vi.waitFor(async () => {
    await isKept('a')
    expect(reads).toHaveBeenCalled()
  })
  expect([await isKept('a'), await isKept('b'), await isKept('c')]).toEqual([true, false, false])
  expect([await isKept('c'), await isKept('b'), await isKept('a')]).toEqual([true, true, false])
})

const countPipelines = (redis: Redis, sent: () => void): void => {
  const pipeline = redis.pipeline.bind(redis)
  vi.spyOn(redis, 'pipeline').mockImplementation((commands) => {
    sent()
    return pipeline(commands)
  })
}
