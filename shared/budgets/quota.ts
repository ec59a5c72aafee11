// What is used and what is left of a budget, in the words of the wire.
import { toIso } from '../kernel/clock.ts'
import { sharesOf } from './policy.ts'
import type { Usage } from './store.ts'
import type { Budget, Quota } from './words.ts'

/** `usage` is told in Redis's time; what is said about times here is by the clock of this process, which reads `now`. */
export const quotaOf = (budget: Budget | null, usage: Usage, now: number): Quota => {
  const used = [...usage.bySort.values()].reduce((sum, units) => sum + units, 0)
  const instant = (at: number): string | null => (at > usage.now ? toIso(now + at - usage.now) : null)
  return {
    limit: budget?.limit ?? null,
    per_ms: budget?.per_ms ?? null,
    used,
    remaining: budget === null ? null : Math.max(0, budget.limit - used),
    next_free_at: instant(usage.nextFree),
    resets_at: instant(usage.allFree),
    throttled_until: instant(usage.throttledUntil),
    allocations: budget === null ? [] : allocationsOf(budget, usage.bySort),
  }
}

/** In the order of the budget; behind them what no allocation names, without a name. */
const allocationsOf = (budget: Budget, used: ReadonlyMap<string, number>): Quota['allocations'] =>
  sharesOf(budget).map(({ sort, own }, index) => ({
    kind: budget.allocations[index]?.kind ?? null,
    tag: budget.allocations[index]?.tag ?? null,
    own,
    used: used.get(sort) ?? 0,
  }))
