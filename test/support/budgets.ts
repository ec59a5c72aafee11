// Processes that share budgets on a test's own Redis prefix and clock, and what tests do with them.
import { test as base } from './fixtures.ts'
import type { Service } from '../../shared/kernel/service.ts'
import { createBudgets } from '../../shared/budgets/budgets.ts'
import type { Budgets, Grant, Take } from '../../shared/budgets/budgets.ts'
import { leaseMsOf } from '../../shared/budgets/policy.ts'
import { Budget } from '../../shared/budgets/words.ts'

export { expect } from './fixtures.ts'

export type Process = Budgets & Service

export const test = base.extend<{ process: () => Process }>({
  process: async ({ kernel }, use) => {
    const made: Process[] = []
    await use(() => {
      const one = createBudgets(kernel)
      made.push(one)
      return one
    })
    for (const one of made) await one.stop()
  },
})

export const budgetOf = (limit: number, per_ms: number, more: object = {}): Budget =>
  Budget.parse({ limit, per_ms, ...more })

/** ms after a call at which what it used may be used again: it left the window at the latest moment it could be made. */
export const freeAfter = (perMs: number): number => perMs + leaseMsOf(perMs) + 2

/** Takes until it is refused; answers how many calls were granted and when to come again. */
export const drain = async (process: Budgets, budget: Budget, options?: Take, most = 10_000) => {
  for (let granted = 0; ; granted++) {
    const grant = await process.take('spotify', budget, options)
    if (!grant.granted) return { granted, untilMs: grant.untilMs }
    if (granted >= most) throw new Error('granted without end')
  }
}

export const takeMany = (times: number, take: () => Grant | Promise<Grant>): Promise<Grant[]> =>
  Promise.all(Array.from({ length: times }, async () => take()))
