// Budgets keep what they promise: never exceeded in any window, whoever asks, and nearly all of it can be used.
import { vi } from 'vitest'
import { CostAboveLimit } from './budgets.ts'
import type { Grant } from './budgets.ts'
import { budgetOf, drain, expect, freeAfter, takeMany, test } from '../../test/support/budgets.ts'
import type { Process } from '../../test/support/budgets.ts'

test('grants what the limit allows, then says when a call may fit again, which is true', async ({ process, clock }) => {
  const [one, two] = [process(), process()]
  const budget = budgetOf(10, 10_000)
  expect(await drain(one, budget)).toEqual({ granted: 10, untilMs: clock.now() + freeAfter(10_000) })
  expect(await two.take('spotify', budget)).toEqual({ granted: false, untilMs: clock.now() + freeAfter(10_000) })
  await clock.advance(freeAfter(10_000) - 1)
  expect(await drain(two, budget)).toMatchObject({ granted: 0 })
  await clock.advance(1)
  expect(await drain(two, budget)).toMatchObject({ granted: 10 })
})

test('frees each call when it leaves the window, not all at once', async ({ process, clock }) => {
  const one = process()
  const budget = budgetOf(3, 9_000)
  for (let call = 0; call < 3; call++) {
    expect(await one.take('spotify', budget)).toMatchObject({ granted: true, atMs: clock.now() })
    await clock.advance(2_000)
  }
  expect(await one.take('spotify', budget)).toEqual({ granted: false, untilMs: clock.now() + freeAfter(9_000) - 6_000 })
  await clock.advance(freeAfter(9_000) - 6_000)
  expect(await drain(one, budget)).toEqual({ granted: 1, untilMs: clock.now() + 2_000 })
})

test('asks Redis once for many calls of one turn, and not at all for what is leased', async ({
  process,
  kernel,
  clock,
}) => {
  const one = process()
  const budget = budgetOf(1_000_000, 86_400_000)
  const take = (): Grant | Promise<Grant> => one.take('spotify', budget)
  // Loads the script.
  await take()
  const asked = vi.spyOn(kernel.redis, 'evalsha')
  const grants = await takeMany(500, take)
  expect([grants.filter(({ granted }) => granted).length, asked.mock.calls.length]).toEqual([500, 1])
  await clock.advance(250)
  await take()
  expect(asked.mock.calls.length).toBe(2)
  for (let call = 0; call < 250; call++) expect(take()).toMatchObject({ granted: true })
  expect(asked.mock.calls.length).toBe(2)
})

test('what one process leased and does not use, another one gets within a second', async ({ process, clock }) => {
  const [one, two] = [process(), process()]
  await one.start()
  const budget = budgetOf(100, 60_000)
  await takeMany(30, () => one.take('spotify', budget))
  await clock.advance(250)
  await one.take('spotify', budget)
  expect((await one.quotaOf('spotify', budget)).used).toBeGreaterThan(31)
  await clock.advance(500)
  await expect.poll(async () => (await one.quotaOf('spotify', budget)).used).toBe(31)
  expect(await drain(two, budget)).toMatchObject({ granted: 69 })
})

test('counts units where calls cost more than one', async ({ process }) => {
  const one = process()
  const budget = budgetOf(10, 60_000, { unit: 'units' })
  expect(await drain(one, budget, { cost: 4 })).toMatchObject({ granted: 2 })
  expect(await drain(one, budget, { cost: 1 })).toMatchObject({ granted: 2 })
})

test('a call that costs more than the whole budget is told that it never fits', ({ process }) => {
  const one = process()
  expect(() => one.take('spotify', budgetOf(10, 60_000), { cost: 11 })).toThrow(CostAboveLimit)
  expect(() => one.take('spotify', budgetOf(10, 60_000), { cost: 0 })).toThrow(RangeError)
  expect(() => one.take('spotify', budgetOf(10, 60_000), { cost: 1.5 })).toThrow(RangeError)
})

test(
  'twenty processes that hammer a budget use at least 97 % of it, and never more',
  { timeout: 30_000 },
  async ({ process, clock }) => {
    const processes = Array.from({ length: 20 }, process)
    const budget = budgetOf(300, 30_000)
    const granted: number[] = []
    const hammer = async (one: Process): Promise<void> => {
      while ((await one.take('spotify', budget)).granted) granted.push(clock.now())
    }
    for (let passed = 0; passed < 120_000; passed += 100) {
      await Promise.all(processes.map(hammer))
      await clock.advance(100)
    }
    expect(granted.length).toBeGreaterThanOrEqual(0.97 * 4 * 300)
    expect(Math.max(...granted.map((from) => within(granted, from, from + 30_000)))).toBeLessThanOrEqual(300)
  },
)

const within = (times: number[], from: number, to: number): number =>
  times.filter((at) => at >= from && at <= to).length

test('twenty calm processes that want twice the budget use at least 97 % of it', async ({ process, clock }) => {
  const processes = Array.from({ length: 20 }, process)
  await Promise.all(processes.map((one) => one.start()))
  const budget = budgetOf(300, 30_000)
  let granted = 0
  for (let second = 0; second < 120; second++) {
    const grants = await Promise.all(processes.map(async (one) => one.take('spotify', budget)))
    granted += grants.filter((grant) => grant.granted).length
    await clock.advance(1_000)
  }
  expect(granted).toBeGreaterThanOrEqual(0.97 * 4 * 300)
})

test('the quota tells what is used, what is left and when it is free again, and uses nothing', async ({
  process,
  clock,
}) => {
  const one = process()
  const budget = budgetOf(10, 10_000, { allocations: [{ kind: 'sync', share: 0.6 }] })
  await one.take('spotify', budget, { kind: 'sync', cost: 3 })
  await clock.advance(4_000)
  await one.take('spotify', budget)
  await one.throttle('spotify', clock.now() + 1_000)
  const at = (ms: number): string => new Date(clock.now() + ms).toISOString()
  const quota = {
    limit: 10,
    per_ms: 10_000,
    used: 4,
    remaining: 6,
    next_free_at: at(freeAfter(10_000) - 4_000),
    resets_at: at(freeAfter(10_000)),
    throttled_until: at(1_000),
    allocations: [
      { kind: 'sync', tag: null, own: 6, used: 3 },
      { kind: null, tag: null, own: 4, used: 1 },
    ],
  }
  expect(await one.quotaOf('spotify', budget)).toEqual(quota)
  expect(await one.quotaOf('spotify', budget)).toEqual(quota)
  expect(await one.quotaOf('smtp', null)).toMatchObject({ used: 0, limit: null, throttled_until: null })
})

test('a refusal is believed for a second at most: what others give back is there before', async ({
  process,
  clock,
}) => {
  const [busy, other] = [process(), process()]
  const budget = budgetOf(3_200, 60_000)
  await takeMany(300, () => busy.take('spotify', budget))
  await clock.advance(250)
  await busy.take('spotify', budget)
  const { untilMs } = await drain(other, budget)
  expect(untilMs).toBeGreaterThan(clock.now() + 50_000)
  await busy.stop()
  expect(other.take('spotify', budget)).toEqual({ granted: false, untilMs })
  await clock.advance(1_000)
  expect(await other.take('spotify', budget)).toMatchObject({ granted: true })
})

test('a busy process leases a small part of what is left, the others get the rest at once', async ({
  process,
  clock,
}) => {
  const [busy, other] = [process(), process()]
  const budget = budgetOf(300, 30_000)
  for (let passed = 0; passed < 250; passed += 25) {
    await takeMany(10, () => busy.take('spotify', budget))
    await clock.advance(25)
  }
  await busy.take('spotify', budget)
  expect((await drain(other, budget)).granted).toBeGreaterThanOrEqual(300 - 101 - 200 / 32 - 1)
})

test('a clock that is set back does not keep what was taken for longer', async ({ process, clock }) => {
  expect(await drain(process(), budgetOf(10, 10_000))).toMatchObject({ granted: 10 })
  await clock.advance(-3_600_000)
  const one = process()
  expect(await drain(one, budgetOf(10, 10_000))).toMatchObject({ granted: 0, untilMs: clock.now() + 11_001 })
  await clock.advance(11_001)
  expect(await drain(process(), budgetOf(10, 10_000))).toMatchObject({ granted: 10 })
})

test('what Redis keeps of a budget is small, and goes when the budget is not used', async ({
  process,
  kernel,
  clock,
}) => {
  const one = process()
  const budget = budgetOf(1_000_000, 86_400_000)
  for (let hour = 0; hour < 400; hour++) {
    await one.take('spotify', budget, { cost: 1_000 })
    await clock.advance(3 * 60_000)
  }
  const key = kernel.key('budgets', 'taken', 'spotify')
  expect(await kernel.redis.memory('USAGE', key)).toBeLessThan(4_000)
  expect(await kernel.redis.pttl(key)).toBeLessThanOrEqual(86_400_000 + 2_000)
  expect(await kernel.redis.pttl(key)).toBeGreaterThan(86_000_000)
})
