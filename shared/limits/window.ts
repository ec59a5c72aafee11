// What `take.lua` decides, for one principal in the memory of a process. Seconds are those of the process's clock.
import { burstAt, capAt } from './policy.ts'
import type { Count, Policy } from './policy.ts'
import type { Allowance } from './tiers.ts'

/** What was spent by one principal. */
export interface Spending {
  /** Units by the second they were spent in, oldest first. */
  readonly seconds: Map<number, number>
  day: number
  used: number
  began: number | undefined
}

const WINDOW_S = 60
const DAY_S = 86_400

export const nothingSpent = (): Spending => ({ seconds: new Map(), day: 0, used: 0, began: undefined })

/** Decides whether so many units fit, and counts them if they do; none only looks. */
export const spend = (spending: Spending, allowance: Allowance, units: number, second: number): Count => {
  forget(spending, second)
  const before = spentOf(spending)
  const refusedBy: Policy[] = [
    ...(before + units > capAt(allowance, spending.began, second) ? (['minute'] as const) : []),
    ...(spending.used + units > allowance.perDay ? (['day'] as const) : []),
  ]
  if (refusedBy.length === 0 && units > 0) add(spending, allowance, units, second)
  const spent = spentOf(spending)
  const { used, began } = spending
  return {
    refusedBy,
    second,
    spent,
    used,
    began,
    waitS: waitOf(spending, allowance, { refusedBy, units, second, spent }),
  }
}

/** Takes back what was counted in a second for a request that was refused as a whole. */
export const giveBack = (spending: Spending, allowance: Allowance, units: number, second: number): void => {
  const spent = spentOf(spending)
  const then = spending.seconds.get(second) ?? 0
  if (then >= units) spending.seconds.set(second, then - units)
  if (spending.day === Math.floor(second / DAY_S)) spending.used = Math.max(0, spending.used - units)
  if (spending.began === second && spent - units <= allowance.perMinute) spending.began = undefined
}

/** What lies far ahead was counted by a clock that was set back since. */
const isNear = (at: number, second: number): boolean => Math.abs(at - second) < WINDOW_S

const forget = (spending: Spending, second: number): void => {
  for (const at of spending.seconds.keys()) if (!isNear(at, second)) spending.seconds.delete(at)
  if (spending.began !== undefined && spending.began >= second + WINDOW_S) spending.began = undefined
  const today = Math.floor(second / DAY_S)
  if (spending.day === today) return
  spending.day = today
  spending.used = 0
}

const spentOf = ({ seconds }: Spending): number => [...seconds.values()].reduce((sum, units) => sum + units, 0)

const add = (spending: Spending, { perMinute }: Allowance, units: number, second: number): void => {
  spending.seconds.set(second, (spending.seconds.get(second) ?? 0) + units)
  spending.used += units
  if (spentOf(spending) <= perMinute) return
  if (spending.began === undefined || burstAt(spending.began, second) !== 'active') spending.began = second
}

interface Asked {
  readonly refusedBy: readonly Policy[]
  readonly units: number
  readonly second: number
  readonly spent: number
}

/** Seconds until what was refused would fit, else until more of the minute is left. */
const waitOf = (
  { seconds, began }: Spending,
  allowance: Allowance,
  { refusedBy, units, second, spent }: Asked,
): number => {
  const isRefused = refusedBy.includes('minute')
  const most = Math.min(spent, allowance.perMinute)
  for (let wait = 1; wait <= 2 * WINDOW_S; wait++) {
    const at = second + wait
    const left = [...seconds].reduce((sum, [then, of]) => sum + (then > at - WINDOW_S ? of : 0), 0)
    if (isRefused ? left + units <= capAt(allowance, began, at) : left < most) return wait
  }
  return 0
}
