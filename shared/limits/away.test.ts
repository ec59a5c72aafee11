// Redis gone, or hanging, in the middle of a flood: every request is answered soon, still limited, and told once.
import { startTestRedis } from '../../test/support/redis-server.ts'
import { test as base, expect } from '../../test/support/fixtures.ts'
import type { Principal } from '../auth/contract.ts'
import { createKernel } from '../kernel/kernel.ts'
import { createLimits } from './limits.ts'
import type { Limits, Taken } from './limits.ts'
import type { StoppedClock } from '../kernel/clock.ts'
import type { TestRedis } from '../../test/support/redis-server.ts'

const key: Principal = { kind: 'key', id: 'key_1', name: 'one', scopes: [], queues: ['*'] }

/** Two processes on a Redis of the test's own, which knows of both. */
const test = base.extend<{ server: TestRedis; pair: [Limits, Limits] }>({
  server: async ({}, use) => {
    const server = await startTestRedis()
    await use(server)
    await server.stop()
  },
  pair: async ({ kernel, clock, server }, use) => {
    const settings = { ...kernel.settings, REDIS_URL: server.url }
    const made = [0, 1].map(() => createKernel({ settings, role: 'producer', clock, log: kernel.log }))
    const [one, two] = made.map(createLimits) as [Limits, Limits]
    await one.start()
    await two.start()
    await use([one, two])
    await one.stop()
    await two.stop()
    await Promise.all(made.map((own) => own.close()))
  },
})

const take = async (limits: Limits): Promise<Taken & { ms: number }> => {
  const began = performance.now()
  const taken = await limits.take(key, 1)
  if (!taken) throw new Error('a standard key is limited')
  return { ...taken, ms: performance.now() - began }
}

const flood = async (limits: Limits, times: number): Promise<{ passed: number; slowest: number; shared: number }> => {
  const all: (Taken & { ms: number })[] = []
  for (let i = 0; i < times; i++) all.push(await take(limits))
  return {
    passed: all.filter(({ refusedBy }) => refusedBy.length === 0).length,
    // The machine may take its time over one; what waits for Redis would be all of them.
    slowest: all.map(({ ms }) => ms).sort((a, b) => a - b)[Math.floor(times * 0.95)] ?? 0,
    shared: all.filter(({ isShared }) => isShared).length,
  }
}

/** Lets both hear of each other, which they say every few seconds, and nothing of what went before count any more. */
const meet = async (pair: [Limits, Limits], clock: StoppedClock): Promise<void> => {
  const heard = async (): Promise<number[]> => {
    await clock.advance(5_000)
    return pair.map(({ processes }) => processes)
  }
  await expect.poll(heard, { timeout: 10_000 }).toEqual([2, 2])
}

test('a Redis that is killed leaves each process its share: half of a hundred, and a fifth more once', async ({
  pair,
  server,
  clock,
  logged,
}) => {
  await meet(pair, clock)
  await server.kill()
  for (const limits of pair) {
    const before = limits.degraded
    const { passed, slowest, shared } = await flood(limits, 100)
    expect({ passed, shared }).toEqual({ passed: 60, shared: 0 })
    expect(slowest).toBeLessThan(60)
    expect(limits.degraded - before).toBe(100)
  }
  const told = () => logged.filter((line) => line['msg'] === 'limits are counted by each process alone').length
  const once = told()
  await take(pair[0])
  expect(told()).toBe(once)
  await clock.advance(10_000)
  await take(pair[0])
  await take(pair[0])
  expect(told()).toBe(once + 1)
  await server.restart()
  await expect.poll(async () => (await take(pair[0])).isShared, { timeout: 10_000 }).toBe(true)
}, 30_000)

test('a Redis that hangs keeps nobody waiting', async ({ kernel, server }) => {
  // On the clock of the machine: a stopped one waits for as long as it stands.
  const settings = { ...kernel.settings, REDIS_URL: server.url }
  const own = createKernel({ settings, role: 'producer', log: kernel.log })
  const limits = createLimits(own)
  await limits.start()
  await server.pause()
  try {
    const { passed, slowest, shared } = await flood(limits, 200)
    expect({ passed, shared }).toEqual({ passed: 120, shared: 0 })
    expect(slowest).toBeLessThan(60)
  } finally {
    await server.resume()
  }
  await expect.poll(async () => (await take(limits)).isShared, { timeout: 10_000 }).toBe(true)
  await limits.stop()
  await own.close()
}, 30_000)
