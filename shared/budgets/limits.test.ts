// Budgets that change, and processes that ask for one service with different ones.
import type { Grant } from './budgets.ts'
import { budgetOf, drain, expect, freeAfter, takeMany, test } from '../../test/support/budgets.ts'

test('another limit holds from the next call on', async ({ process, clock }) => {
  const one = process()
  expect(await drain(one, budgetOf(5, 10_000))).toMatchObject({ granted: 5 })
  expect(await drain(one, budgetOf(8, 10_000))).toMatchObject({ granted: 3 })
  expect(await drain(one, budgetOf(5, 10_000))).toMatchObject({ granted: 0 })
  await clock.advance(freeAfter(10_000))
  expect(await drain(one, budgetOf(5, 10_000))).toMatchObject({ granted: 5 })
})

test('a narrow window does not make a wide one forget, where processes ask with both', async ({ process, clock }) => {
  const [narrow, wide] = [process(), process()]
  const [perSecond, perMinute] = [budgetOf(10, 1_000), budgetOf(50, 60_000)]
  expect(await drain(wide, perMinute)).toMatchObject({ granted: 50 })
  for (let second = 0; second < 5; second++) {
    // What is kept for the wide one is told apart in parts of its window.
    await clock.advance(1_500)
    expect(await drain(narrow, perSecond)).toMatchObject({ granted: 10 })
  }
  await clock.advance(53_000)
  expect(await drain(wide, perMinute)).toMatchObject({ granted: 0 })
  await clock.advance(60_000)
  expect(await drain(wide, perMinute)).toMatchObject({ granted: 50 })
})

test('a wider window counts from the moment it is asked with, though the first call is refused', async ({
  process,
  clock,
}) => {
  const [narrow, wide] = [process(), process()]
  expect(await drain(narrow, budgetOf(10, 1_000))).toMatchObject({ granted: 10 })
  expect(await drain(wide, budgetOf(10, 5_000))).toMatchObject({ granted: 0 })
  await clock.advance(freeAfter(1_000))
  expect(await drain(narrow, budgetOf(10, 1_000))).toMatchObject({ granted: 10 })
  expect(await drain(wide, budgetOf(20, 5_000))).toMatchObject({ granted: 0 })
})

test('what was leased under a higher limit is not used under a lower one', async ({ process, clock }) => {
  const one = process()
  await takeMany(100, () => one.take('spotify', budgetOf(100_000, 60_000)))
  await clock.advance(250)
  await one.take('spotify', budgetOf(100_000, 60_000))
  expect(await one.take('spotify', budgetOf(50, 60_000))).toMatchObject({ granted: false })
})

test('another object that says the same is the same budget', async ({ process, clock }) => {
  const one = process()
  const take = (): Grant | Promise<Grant> => one.take('spotify', budgetOf(1_000_000, 60_000))
  await takeMany(100, take)
  await clock.advance(250)
  await take()
  expect(take()).toMatchObject({ granted: true })
})
