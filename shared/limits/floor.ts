// Counts in this process alone, while Redis cannot be asked: each process gives its share of what everybody may spend.
import type { Clock } from '../kernel/clock.ts'
import type { Count } from './policy.ts'
import type { Ask } from './store.ts'
import { dearest, shareOf } from './tiers.ts'
import { giveBack, nothingSpent, spend } from './window.ts'
import type { Spending } from './window.ts'
import type { Allowance } from './tiers.ts'

/** Principals that are remembered; of more, those that asked longest ago are forgotten. */
const REMEMBERED_MAX = 10_000

export interface Floor {
  /** The count, and the share it was held to. */
  ask(ask: Ask): { count: Count; allowance: Allowance }
}

/** `processes` says how many count side by side. */
export const createFloor = (clock: Clock, processes: () => number): Floor => {
  const spendings = new Map<string, Spending>()
  const spendingOf = (id: string): Spending => {
    const spending = spendings.get(id) ?? nothingSpent()
    spendings.delete(id)
    spendings.set(id, spending)
    const [oldest] = spendings.keys()
    if (spendings.size > REMEMBERED_MAX && oldest !== undefined) spendings.delete(oldest)
    return spending
  }
  return {
    ask({ id, allowance: whole, units, second: at = 0 }) {
      const allowance = shareOf(whole, processes())
      const spending = spendingOf(id)
      const second = Math.floor(clock.now() / 1_000)
      if (units < 0) giveBack(spending, allowance, Math.min(-units, dearest(allowance)), at)
      const cost = Math.max(0, Math.min(units, dearest(allowance)))
      return { count: spend(spending, allowance, cost, second), allowance }
    },
  }
}
