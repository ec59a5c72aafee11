// What a request costs its caller's quota: one unit before its body is read, and what it turns out to cost beside that after. A
// request that is refused for its quota costs nothing.
import type { Principal } from '../../shared/auth/contract.ts'
import type { Endpoint } from '../../shared/kernel/endpoint.ts'
import { dearest } from '../../shared/limits/tiers.ts'
import type { Limits, Taken } from '../../shared/limits/limits.ts'
import { refuseSpent, tellStanding } from './quota.ts'
import type { Ctx } from './state.ts'

type Cost = Endpoint['cost']

/** What the parsed parts of a request say about its cost. */
export interface Brought {
  readonly query: unknown
  readonly body: unknown
}

/** Both throw `quota-exceeded`, and answer nothing at once where there is nothing to wait for. */
export interface Charge {
  /** Charges what every request of a known caller costs, once, whatever it meets after. */
  first(ctx: Ctx, principal: Principal, cost?: Cost): Promise<void> | undefined
  /** Charges what it costs beside that. */
  rest(ctx: Ctx, principal: Principal, cost: Cost, brought: Brought): Promise<void> | undefined
}

export const createCharge = (limits: Limits): Charge => {
  const first = async (ctx: Ctx, asked: Promise<Taken>): Promise<void> => {
    const taken = await asked
    ctx.state.taken = taken
    tellStanding(ctx, taken)
    refuseSpent(taken)
  }
  const rest = async (ctx: Ctx, before: Taken, asked: Promise<Taken>): Promise<void> => {
    const taken = await asked
    if (taken.refusedBy.length > 0) before.giveBack()
    tellStanding(ctx, taken)
    refuseSpent(taken)
  }
  return {
    first(ctx, principal, cost = 1) {
      // A request in an older version may ask a route for several pages.
      if (ctx.state.isCharged || principal.kind === 'anonymous') return undefined
      ctx.state.isCharged = true
      // What is known beforehand is charged at once.
      const asked = cost === 0 ? undefined : limits.take(principal, typeof cost === 'number' ? cost : 1)
      return asked && first(ctx, asked)
    },
    rest(ctx, principal, cost, brought) {
      const { taken } = ctx.state
      if (!taken || typeof cost !== 'object') return undefined
      const units = Math.min(unitsOf(cost, brought), dearest(taken.allowance)) - 1
      const asked = units > 0 ? limits.take(principal, units) : undefined
      delete ctx.state.taken
      return asked && rest(ctx, taken, asked)
    },
  }
}

/** Units of a whole request. */
export const unitsOf = (cost: Cost = 1, { query, body }: Brought): number => {
  if (typeof cost === 'number') return cost
  if ('searching' in cost) return cost.searching.some((name) => memberOf(query, name) !== undefined) ? cost.units : 1
  const items = memberOf(body, cost.items)
  return Math.max(1, Math.ceil((Array.isArray(items) ? items.length : 0) / cost.perUnit))
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
