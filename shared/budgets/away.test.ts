// Budgets while Redis is away or hangs: what was leased may be used, and nothing else.
import { budgetOf, drain, expect, takeMany, test as base } from '../../test/support/budgets.ts'
import { startTestRedis } from '../../test/support/redis-server.ts'
import type { TestRedis } from '../../test/support/redis-server.ts'
import { createKernel } from '../kernel/kernel.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createBudgets } from './budgets.ts'

/** A Redis of the test's own, to be broken, and a process on it. */
const test = base.extend<{ server: TestRedis; own: Kernel }>({
  server: async ({}, use) => {
    const server = await startTestRedis()
    await use(server)
    await server.stop()
  },
  own: async ({ kernel, clock, server }, use) => {
    const settings = { ...kernel.settings, REDIS_URL: server.url }
    const own = createKernel({ settings, role: 'worker', clock, log: kernel.log })
    await use(own)
    await own.close()
  },
})

test('without Redis a process uses what it has leased, then refuses for a moment, and goes on when Redis is back', async ({
  server,
  own,
  clock,
}) => {
  const one = createBudgets(own)
  const budget = budgetOf(100_000, 60_000)
  await takeMany(100, () => one.take('spotify', budget))
  await clock.advance(250)
  await one.take('spotify', budget)
  const closed = new Promise((resolve) => own.redis.once('close', resolve))
  await server.kill()
  await closed
  expect(one.take('spotify', budget)).toMatchObject({ granted: true })
  await clock.advance(300)
  expect(await one.take('spotify', budget)).toEqual({ granted: false, untilMs: clock.now() + 250 })
  await one.throttle('spotify', clock.now() + 100)
  const ready = new Promise((resolve) => own.redis.once('ready', resolve))
  await server.restart()
  await ready
  await clock.advance(250)
  expect(await one.take('spotify', budget)).toMatchObject({ granted: true })
})

test('a Redis that hangs is waited for half a second, and what it grants too late is never used', async ({
  server,
  own,
  clock,
}) => {
  const one = createBudgets(own)
  const budget = budgetOf(10, 60_000)
  await one.take('spotify', budget)
  await server.pause()
  const waiting = one.take('spotify', budget)
  await expect.poll(() => clock.sleepers).toBeGreaterThan(0)
  await clock.advance(500)
  expect(await waiting).toMatchObject({ granted: false })
  await server.resume()
  await clock.advance(250)
  expect(await drain(one, budget)).toMatchObject({ granted: 8 })
})
