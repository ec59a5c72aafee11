// The rates that endpoints ask to be held to, counted for the whole fleet.
import { createBudgets } from '../budgets/budgets.ts'
import { Budget } from '../budgets/words.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Service } from '../kernel/service.ts'
import type { WebhookRecord } from '../webhooks/words.ts'

export interface Rates {
  /** Takes leave for one call: undefined when it is given, else when it is worth asking again. */
  take(webhook: WebhookRecord): Promise<number | undefined> | undefined
  readonly service: Service
}

export const createRates = (kernel: Kernel): Rates => {
  const budgets = createBudgets(kernel)
  const known = new WeakMap<object, Budget>()
  const budgetOf = (limit: NonNullable<WebhookRecord['settings']['rate_limit']>): Budget => {
    const made = known.get(limit) ?? Budget.parse({ limit: limit.max, per_ms: limit.per_ms })
    known.set(limit, made)
    return made
  }
  const ask = async (id: string, budget: Budget): Promise<number | undefined> => {
    const grant = await budgets.take(`webhook ${id}`, budget)
    return grant.granted ? undefined : grant.untilMs
  }
  return {
    service: budgets,
    take: ({ id, settings: { rate_limit } }) => (rate_limit === null ? undefined : ask(id, budgetOf(rate_limit))),
  }
}
