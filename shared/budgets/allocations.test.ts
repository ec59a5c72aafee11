// Parts of a budget: each sort of jobs gets its own, and what one does not use the others may borrow.
import { expect, test } from '../../test/support/fixtures.ts'
import { createBudgets } from './budgets.ts'
import type { Budgets } from './budgets.ts'
import { sharesOf, sortOf } from './policy.ts'
import { Budget } from './words.ts'

const split = Budget.parse({
  limit: 100,
  per_ms: 10_000,
  allocations: [
    { kind: 'sync', share: 0.6 },
    { tag: 'bulk', share: 0.4 },
  ],
})
const sync = { kind: 'sync' }
const bulk = { kind: 'export', tags: ['bulk'] }

/** How many calls are granted before one is refused. */
const drain = async (one: Budgets, caller: object): Promise<number> => {
  let granted = 0
  while ((await one.take('spotify', split, caller)).granted) granted++
  return granted
}

test('a job takes of the first allocation that names it or a tag of it, else of what is left', () => {
  const budget = Budget.parse({
    limit: 10,
    per_ms: 1_000,
    allocations: [
      { kind: 'sync', share: 0.33 },
      { tag: 'bulk', share: 0.33 },
    ],
  })
  expect(sortOf(budget, { kind: 'sync', tags: ['bulk'] })).toBe('kind:sync')
  expect(sortOf(budget, { kind: 'other', tags: ['a', 'bulk'] })).toBe('tag:bulk')
  expect(sortOf(budget, {})).toBe('')
  expect(sharesOf(budget)).toEqual([
    { sort: 'kind:sync', own: 3 },
    { sort: 'tag:bulk', own: 3 },
    { sort: '', own: 4 },
  ])
  expect(sharesOf(Budget.parse({ limit: 10, per_ms: 1_000 }))).toEqual([])
})

test('each sort has its own at once, whatever the others use', async ({ kernel }) => {
  const [one, two] = [createBudgets(kernel), createBudgets(kernel)]
  const own = await drain(one, sync)
  expect(own).toBeGreaterThanOrEqual(60)
  // A hundred-and-twenty-eighth of the window is lent at a time, here one call.
  expect(own).toBeLessThanOrEqual(61)
  expect(await drain(two, bulk)).toBeGreaterThanOrEqual(39)
})

test('what a sort does not use is lent to another, so that one alone uses at least 97 %', async ({ kernel, clock }) => {
  const one = createBudgets(kernel)
  let granted = 0
  for (let passed = 0; passed < 60_000; passed += 50) {
    granted += await drain(one, bulk)
    await clock.advance(50)
  }
  expect(granted).toBeGreaterThanOrEqual(0.97 * 600)
  expect(granted).toBeLessThanOrEqual(600)
})

test('what was lent comes back in every part of the window as soon as its owner wants it', async ({
  kernel,
  clock,
}) => {
  const [one, two] = [createBudgets(kernel), createBudgets(kernel)]
  const pass = async (ms: number, ...askers: [Budgets, object][]): Promise<number[]> => {
    const sums = askers.map(() => 0)
    for (let passed = 0; passed < ms; passed += 50) {
      for (const [index, [who, caller]] of askers.entries())
        sums[index] = (sums[index] ?? 0) + (await drain(who, caller))
      await clock.advance(50)
    }
    return sums
  }
  await pass(25_000, [one, bulk])
  // 60 of its 100 are borrowed: one comes back every 10,000 / 60 ms.
  const [lender] = await pass(500, [two, sync], [one, bulk])
  expect(lender).toBeGreaterThanOrEqual(2)
  await pass(10_000, [two, sync], [one, bulk])
  const [its, others] = await pass(20_000, [two, sync], [one, bulk])
  expect(its).toBeGreaterThanOrEqual(0.97 * 120)
  expect(others).toBeGreaterThanOrEqual(0.97 * 80)
  expect((its ?? 0) + (others ?? 0)).toBeLessThanOrEqual(200)
})

test('a sort without a share of its own lives on what is lent', async ({ kernel, clock }) => {
  const one = createBudgets(kernel)
  let granted = 0
  for (let passed = 0; passed < 20_000; passed += 50) {
    granted += await drain(one, { kind: 'other' })
    await clock.advance(50)
  }
  expect(granted).toBeGreaterThan(150)
  // A twentieth of the window.
  await clock.advance(500)
  expect(await drain(one, sync)).toBeGreaterThan(0)
})

test('a call may cost more than is lent at a time', async ({ kernel, clock }) => {
  const one = createBudgets(kernel)
  const take = () => one.take('spotify', split, { ...bulk, cost: 50 })
  expect(await take()).toMatchObject({ granted: true })
  // Ten of its units were borrowed, and one may be every 10,000 / 60 ms.
  await clock.advance(1_000)
  expect(await take()).toMatchObject({ granted: false })
  await clock.advance(1_000)
  expect(await take()).toMatchObject({ granted: true })
  expect(await drain(one, sync)).toBe(0)
})
