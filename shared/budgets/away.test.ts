// Budgets while Redis is away or hangs: what was leased may be used, and nothing else.
import { startTestRedis } from '../../test/support/redis-server.ts'
import { createKernel } from '../kernel/kernel.ts'
import { createBudgets } from './budgets.ts'
import { budgetOf, drain, expect, takeMany, test } from '../../test/support/budgets.ts'

test('without Redis a process uses what it has leased, then refuses for a moment, and goes on when Redis is back', async ({
  kernel,
  clock,
}) => {
  const server = await startTestRedis()
  const own = createKernel({
    settings: { ...kernel.settings, REDIS_URL: server.url },
    role: 'worker',
    clock,
    log: kernel.log,
  })
  try {
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
  } finally {
    await own.close()
    await server.stop()
  }
})

test('a Redis that hangs is waited for half a second, and what it grants too late is never used', async ({
  kernel,
  clock,
}) => {
  const server = await startTestRedis({ appendonly: false })
  const own = createKernel({
    settings: { ...kernel.settings, REDIS_URL: server.url },
    role: 'worker',
    clock,
    log: kernel.log,
  })
  try {
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
  } finally {
    await own.close()
    await server.stop()
  }
})
