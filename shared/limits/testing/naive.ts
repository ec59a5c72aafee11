// The rules of limits as plainly as they can be said, over a log of everything that was let through: what the script and the floor
// are compared with.
import type { Allowance } from '../tiers.ts'

/** One that was let through. */
export interface Passed {
  readonly second: number
  readonly units: number
}

export interface Naive {
  readonly log: readonly Passed[]
  /** Seconds in which bursts began. */
  readonly bursts: readonly number[]
  ask(second: number, units: number): boolean
}

const sum = (passed: readonly Passed[]): number => passed.reduce((total, { units }) => total + units, 0)

export const createNaive = ({ perMinute, burst, perDay }: Allowance): Naive => {
  const log: Passed[] = []
  const bursts: number[] = []
  return {
    log,
    bursts,
    ask(second, units) {
      const last = bursts.at(-1)
      const isActive = last !== undefined && second < last + 60
      const isArmed = last === undefined || second >= last + 120
      const minute = sum(log.filter((one) => one.second > second - 60)) + units
      const today = sum(log.filter((one) => Math.floor(one.second / 86_400) === Math.floor(second / 86_400))) + units
      if (minute > (isActive || isArmed ? burst : perMinute) || today > perDay) return false
      log.push({ second, units })
      if (minute > perMinute && !isActive) bursts.push(second)
      return true
    },
  }
}
