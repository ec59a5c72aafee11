// Budgets: how many calls a service takes in any window, shared by all processes and never exceeded.
import { randomBytes } from 'node:crypto'
import type { Kernel } from '../kernel/kernel.ts'
import { loop } from '../kernel/service.ts'
import type { Service } from '../kernel/service.ts'
import { answered } from './answer.ts'
import { createMeter } from './meter.ts'
import type { Grant, Terms } from './meter.ts'
import { createMeters } from './meters.ts'
import { REST, sharesOf, sortOf } from './policy.ts'
import type { Caller } from './policy.ts'
import { quotaOf } from './quota.ts'
import { createShelf } from './shelf.ts'
import { createBudgetStore } from './store.ts'
import type { Budget, Quota } from './words.ts'

export type { Grant } from './meter.ts'

export interface Take extends Caller {
  /** Units the call costs; 1. */
  readonly cost?: number
}

/** A call costs more than the whole budget of its service: however long it waits, it never fits. */
export class CostAboveLimit extends Error {
  override readonly name = 'CostAboveLimit'
  /** Attempts take this code for an error that trying again cannot cure. */
  readonly code = 'unworkable'
}

export interface Budgets {
  /** Leave to make one call now. Over all processes, no window of `per_ms` ever holds more than `limit` units, by Redis's
   *  time at the moment of each grant; and neither does it of calls that are made within a two-hundredth of the window (at
   *  most 250 ms) after it. A process that asks often leases some units for that long and then answers at once, without a
   *  promise; give the same budget object each time, as long as nothing in it changes.
   *
   *  Never throws because of Redis. Without it a process grants what it has leased, then refuses for a quarter of a second
   *  at a time: a budget is there to be kept, and nobody could tell what the others are granted meanwhile. What Redis itself
   *  loses, a second of writes in a power failure, is not counted any more.
   *
   *  Without a budget (`null`) everything is granted unless the service is throttled. A cost above the limit throws
   *  `CostAboveLimit`. */
  take(service: string, budget: Budget | null, options?: Take): Grant | Promise<Grant>
  /** The service asked for a pause (a 429, a `Retry-After`): nothing is granted until then, in this process from now on and
   *  in the others within 250 ms. At most 24 h from now; the later of two wins. */
  throttle(service: string, untilMs: number): Promise<void>
  /** What is used of a budget, without using any. Throws where Redis does not answer. */
  quotaOf(service: string, budget: Budget | null): Promise<Quota>
}

const SWEEP_MS = 500
const THROTTLE_MAX_MS = 86_400_000

/** Once started it gives back what was leased and is not used; stopping gives back the rest. */
export const createBudgets = (kernel: Kernel): Budgets & Service => {
  const store = createBudgetStore(kernel)
  const owner = randomBytes(6).toString('base64url')
  const services = createShelf((service) => createMeters((sort) => createMeter(kernel, store, service, sort, owner)))
  const termsOf = createTerms()
  const sweeping = loop('budgets', async (signal) => {
    while (!signal.aborted) {
      await kernel.clock.sleep(SWEEP_MS, signal)
      await services.each((meters) => meters.giveBack())
      services.forgetIdle()
    }
  })
  return {
    ...sweeping,
    take(service, budget, options = {}) {
      const { cost = 1 } = options
      checkCost(service, budget, cost)
      const sort = budget === null || budget.allocations.length === 0 ? REST : sortOf(budget, options)
      return services.of(service).take(sort, termsOf(budget), cost)
    },
    async throttle(service, untilMs) {
      const forMs = Math.round(Math.min(THROTTLE_MAX_MS, untilMs - kernel.clock.now()))
      if (!(forMs > 0)) return
      const meters = services.of(service)
      meters.hold(kernel.clock.now() + forMs)
      const answer = await answered(kernel, () => store.throttle(service, forMs))
      if (answer !== undefined) meters.hold(kernel.clock.now() + answer.until - answer.now)
    },
    async quotaOf(service, budget) {
      const usage = await store.look(service, budget?.per_ms ?? 0)
      return quotaOf(budget, usage, kernel.clock.now())
    },
    async stop() {
      await sweeping.stop()
      await services.each((meters) => meters.giveBack(true))
    },
  }
}

const checkCost = (service: string, budget: Budget | null, cost: number): void => {
  if (!Number.isSafeInteger(cost) || cost < 1) throw new RangeError(`a call costs a whole number of units, not ${cost}`)
  if (budget === null || cost <= budget.limit) return
  throw new CostAboveLimit(
    `A call of ${cost} units never fits into the budget of ${service}, which is ${budget.limit} in ${budget.per_ms} ms.`,
  )
}

const TERMS_MAX = 10_000

/** The terms of a budget: the same object for the same budget, and for another object that says the same. */
const createTerms = (): ((budget: Budget | null) => Terms) => {
  const none: Terms = { limit: 0, perMs: 50_000, shares: [] }
  const byBudget = new WeakMap<Budget, Terms>()
  const byText = new Map<string, Terms>()
  const compile = (budget: Budget): Terms => {
    const made: Terms = { limit: budget.limit, perMs: budget.per_ms, shares: sharesOf(budget) }
    const text = JSON.stringify(made)
    const known = byText.get(text) ?? made
    if (byText.size >= TERMS_MAX) byText.clear()
    byText.set(text, known)
    byBudget.set(budget, known)
    return known
  }
  return (budget) => (budget === null ? none : (byBudget.get(budget) ?? compile(budget)))
}
