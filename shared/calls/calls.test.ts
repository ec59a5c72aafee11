// What a call costs that is refused: nothing, whatever it was that kept it back.
import { createBreakerClient } from '../breakers/client.ts'
import type { BreakerClient } from '../breakers/client.ts'
import { createBudgets } from '../budgets/budgets.ts'
import { createBulkheads } from '../budgets/bulkheads.ts'
import { createRetryBudgets } from '../budgets/retry-budgets.ts'
import { expect, test as base } from '../../test/support/fixtures.ts'
import { ServiceConfig } from '../services/words.ts'
import { createCalls } from './calls.ts'
import type { Calls } from './calls.ts'

const config = ServiceConfig.parse({
  budget: { limit: 1, per_ms: 1_000 },
  retry_budget: { ratio: 1, capacity: 3, floor_per_s: 0 },
})

const test = base.extend<{ calls: Calls; breakers: BreakerClient }>({
  breakers: async ({ kernel }, use) => {
    const breakers = createBreakerClient(kernel, { configOf: () => config })
    await breakers.start()
    await use(breakers)
    await breakers.stop()
  },
  calls: async ({ kernel, breakers }, use) => {
    const [budgets, bulkheads, retryBudgets] = [createBudgets(kernel), createBulkheads(kernel), createRetryBudgets(kernel)] // prettier-ignore
    await use(createCalls(kernel, { configOf: () => config, breakers, budgets, bulkheads, retryBudgets }))
    for (const part of [budgets, bulkheads, retryBudgets]) await part.stop()
  },
})

const enter = async (calls: Calls, attempt: number): Promise<string> => {
  const entry = await calls.enter('spotify', { attempt })
  return entry.entered ? 'entered' : entry.hold.cause
}

test('a retry that its budget refuses keeps the leave of the retry budget, and asks again with it', async ({
  calls,
  clock,
}) => {
  expect(await enter(calls, 1)).toBe('entered')
  for (let n = 0; n < 5; n++) expect(await enter(calls, 2)).toBe('budget')
  await clock.advance(1_100)
  expect(await enter(calls, 2)).toBe('entered')
})

test('one first attempt makes one retry possible, however often it asks', async ({ calls, clock }) => {
  const later = async (): Promise<string> => {
    await clock.advance(1_100)
    return enter(calls, 2)
  }
  // Three are in reserve.
  for (let n = 0; n < 3; n++) expect(await later()).toBe('entered')
  await clock.advance(1_100)
  for (const said of ['entered', 'budget', 'budget']) expect(await enter(calls, 1)).toBe(said)
  expect(await later()).toBe('entered')
  expect(await later()).toBe('retry_budget')
})
