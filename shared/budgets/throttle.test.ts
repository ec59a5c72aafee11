// A service that asks for no calls gets none: from nobody, for as long as it asked, a day at most.
import { vi } from 'vitest'
import { createBudgets } from './budgets.ts'
import { createBudgetStore } from './store.ts'
import { withFlakyRedis } from './testing/flaky.ts'
import { budgetOf, expect, test } from '../../test/support/budgets.ts'

test('a throttle stops every process, and the later of two wins', async ({ process, clock }) => {
  const [one, two] = [process(), process()]
  const budget = budgetOf(100, 10_000)
  expect(await two.take('spotify', budget)).toMatchObject({ granted: true })
  const until = clock.now() + 60_000
  await one.throttle('spotify', until)
  await two.throttle('spotify', until - 30_000)
  expect(one.take('spotify', budget)).toEqual({ granted: false, untilMs: until })
  expect(await process().take('spotify', budget)).toEqual({ granted: false, untilMs: until })
  expect(await process().take('spotify', null)).toEqual({ granted: false, untilMs: until })
  expect(await process().take('smtp', null)).toMatchObject({ granted: true })
  await clock.advance(60_000)
  for (const any of [one, two, process()]) expect(await any.take('spotify', budget)).toMatchObject({ granted: true })
})

test('a throttle holds in its own process though Redis did not hear of it', async ({ kernel, clock }) => {
  const asked = vi.spyOn(kernel.redis, 'evalsha')
  const isBad = (): boolean => asked.mock.calls.length > 0
  const one = createBudgets(withFlakyRedis(kernel, () => 0.05, isBad))
  const waiting = one.take('spotify', null)
  while (!isBad()) await Promise.resolve()
  const until = clock.now() + 1_000
  await one.throttle('spotify', until)
  expect(await waiting).toMatchObject({ granted: true })
  expect(one.take('spotify', null)).toEqual({ granted: false, untilMs: until })
})

test('a throttle lasts at most a day, and one in the past changes nothing', async ({ process, clock }) => {
  const one = process()
  const budget = budgetOf(100, 10_000)
  await one.throttle('spotify', clock.now() - 1)
  await one.throttle('spotify', NaN)
  expect(await one.take('spotify', budget)).toMatchObject({ granted: true })
  await one.throttle('spotify', Infinity)
  expect(await one.take('spotify', budget)).toEqual({ granted: false, untilMs: clock.now() + 86_400_000 })
})

test('a process that leased before a throttle obeys it 250 ms later', async ({ process, clock }) => {
  const [one, two] = [process(), process()]
  expect(await one.take('spotify', null)).toMatchObject({ granted: true })
  await two.throttle('spotify', clock.now() + 10_000)
  expect(one.take('spotify', null)).toMatchObject({ granted: true })
  await clock.advance(251)
  expect(await one.take('spotify', null)).toMatchObject({ granted: false })
})

test('a pause of some milliseconds and a part of one is over with the last whole one', async ({ kernel, clock }) => {
  const { until } = await createBudgetStore(kernel).throttle('spotify', 12.25)
  expect(until).toBe(clock.now() + 13)
})
