// Pipelines of k1n's connections do what those of ioredis do, and are let go when they are done.
import { createRequire } from 'node:module'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Pipeline, Redis } from 'ioredis'
import { describe, expect, test as base, testRedisUrl } from '../../test/support/fixtures.ts'
import { connectRedis } from './redis.ts'

const test = base.extend<{ light: Redis; plain: Redis; key: string }>({
  light: async ({}, use) => {
    const redis = connectRedis(testRedisUrl(), 'worker')
    await use(redis)
    redis.disconnect()
  },
  plain: async ({}, use) => {
    const redis = new Redis(testRedisUrl())
    await use(redis)
    redis.disconnect()
  },
  key: async ({ kernel }, use) => use(kernel.key('pipelines')),
})

const double = { numberOfKeys: 1, lua: 'return {KEYS[1], ARGV[1] .. ARGV[1]}' }

describe('a pipeline', () => {
  test('has every member that one of ioredis has, and is one', ({ light, plain }) => {
    const { Pipeline: required } = createRequire(import.meta.url)('ioredis') as { Pipeline: typeof Pipeline }
    const own = ['redis', 'options', 'promise', 'resolve', 'reject', '_queue', '_result', 'exec', 'execBuffer']
    for (const how of ['pipeline', 'multi'] as const) {
      const [made, theirs] = [light[how](), plain[how]()]
      for (const one of [made, theirs]) for (const kind of [Pipeline, required]) expect(one).toBeInstanceOf(kind)
      const members = Object.entries(theirs)
      expect(members.length).toBeGreaterThan(10)
      expect(Object.keys(made)).toEqual(expect.arrayContaining(members.map(([name]) => name)))
      expect(made).toMatchObject(Object.fromEntries(members.filter(([name]) => !own.includes(name))))
    }
  })

  test('tells how many commands it holds', ({ light, key }) => {
    expect(light.pipeline().length).toBe(0)
    expect(light.pipeline([['get', key]]).get(key).length).toBe(2)
    expect(light.multi().get(key).length).toBe(2)
  })

  test('answers each command in order, errors among them, as bytes where they are asked for', async ({
    light,
    key,
  }) => {
    const answers = await light.pipeline().set(key, 'ä').hget(key, 'a').get(key).getBuffer(key).exec()
    expect(answers?.map(([, value]) => value)).toEqual(['OK', undefined, 'ä', Buffer.from('ä')])
    expect(answers?.[1]?.[0]?.message).toMatch(/^WRONGTYPE/)
  })

  test('is one transaction where it is made by multi, undone as a whole by a command that is none', async ({
    light,
    key,
  }) => {
    expect(await light.multi().set(key, 1).incr(key).exec()).toEqual([
      [null, 'OK'],
      [null, 2],
    ])
    await expect(
      light
        .multi([
          ['set', key, '7'],
          ['set', key],
        ])
        .exec(),
    ).rejects.toThrow('EXECABORT')
    expect(await light.get(key)).toBe('2')
  })

  test('has the scripts that its connection was given, also after others were made, each in its newest form', async ({
    light,
    key,
  }) => {
    const run = async (name: string): Promise<unknown> => {
      const pipeline = light.pipeline() as unknown as Record<string, (...args: string[]) => ReturnType<Redis['multi']>>
      return (await pipeline[name]?.(key, 'x').exec())?.[0]?.[1]
    }
    light.pipeline()
    light.defineCommand('double', double)
    expect(await run('double')).toEqual([key, 'xx'])
    expect(await run('doubleBuffer')).toEqual([key, 'xx'].map((text) => Buffer.from(text)))
    light.defineCommand('triple', { ...double, lua: 'return ARGV[1] .. ARGV[1] .. ARGV[1]' })
    light.defineCommand('double', { ...double, lua: 'return "new"' })
    expect([await run('double'), await run('triple')]).toEqual(['new', 'xxx'])
    // What it was given is in one place and not in each.
    expect(Object.keys(light.pipeline())).not.toContain('double')
    const copy = light.duplicate()
    expect((copy.pipeline() as unknown as Record<string, unknown>)['double']).toBeUndefined()
    copy.disconnect()
  })

  test('has them too where they were given through a Proxy, and goes through that', async ({ light, key }) => {
    light.pipeline()
    const proxy = new Proxy(light, {})
    proxy.defineCommand('double', double)
    for (const redis of [light, proxy]) {
      const pipeline = redis.pipeline() as unknown as Record<string, (...args: string[]) => ReturnType<Redis['multi']>>
      expect(await pipeline['double']?.(key, 'x').exec()).toEqual([[null, [key, 'xx']]])
      expect((pipeline as unknown as { redis: unknown }).redis).toBe(redis)
    }
  })

  test('is as it was on connections of others', ({ plain }) => {
    plain.defineCommand('double', double)
    expect(Object.keys(plain.pipeline())).toContain('double')
  })
})

test('go with what is young: ten thousand leave nothing behind for a collection of everything', ({ light, plain }) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void
  const oldBytes = (): number =>
    getHeapSpaceStatistics().find((space) => space.space_name === 'old_space')?.space_used_size ?? Number.NaN
  const leftBy = (redis: Redis): number => {
    collect()
    const before = oldBytes()
    for (let n = 0; n < 10_000; n++) {
      redis.pipeline()
      if (n % 500 === 0) collect({ type: 'minor' })
    }
    return oldBytes() - before
  }
  const [own, theirs] = [leftBy(light), leftBy(plain)]
  expect(own).toBeLessThan(1_000_000)
  // Where ioredis leaves nothing itself, it needs no help any more.
  expect(theirs).toBeGreaterThan(5_000_000)
})
