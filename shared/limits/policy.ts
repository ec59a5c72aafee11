// What a count means for whoever is counted: what is left of the minute, the burst and the day, and when there is more.
import { BURST } from './tiers.ts'
import type { Allowance } from './tiers.ts'

/** A limit that a request would go beyond. */
export type Policy = 'minute' | 'day'

/** What was counted, as the script and the floor say it. */
export interface Count {
  readonly refusedBy: readonly Policy[]
  /** The second in which it was asked, of the clock that counts. */
  readonly second: number
  /** Units of this second and the 59 before it. */
  readonly spent: number
  /** Units of the day. */
  readonly used: number
  /** Seconds until a refused request would fit, else until more of the minute is left; 0 while all of it is. */
  readonly waitS: number
  /** The second in which the last burst began. */
  readonly began: number | undefined
}

export type BurstState = 'armed' | 'active' | 'resting'

/** Where a principal stands. */
export interface Standing {
  readonly refusedBy: readonly Policy[]
  readonly second: number
  readonly allowance: Allowance
  readonly minute: { readonly remaining: number; readonly resetS: number }
  /** `rearmS` is 0 while it is armed. */
  readonly burst: { readonly state: BurstState; readonly remaining: number; readonly rearmS: number }
  readonly day: { readonly remaining: number; readonly resetS: number }
  /** False where this process counted alone because Redis could not be asked. */
  readonly isShared: boolean
}

const DAY_S = 86_400

/** The state of the burst in a second, when it last began in another. */
export const burstAt = (began: number | undefined, second: number): BurstState => {
  if (began === undefined || second >= began + BURST.durationS + BURST.cooldownS) return 'armed'
  return second < began + BURST.durationS ? 'active' : 'resting'
}

/** The limit of the minute in a second. */
export const capAt = ({ perMinute, burst }: Allowance, began: number | undefined, second: number): number =>
  burstAt(began, second) === 'resting' ? perMinute : burst

const atLeastNone = (units: number): number => Math.max(0, units)

export const standingOf = (allowance: Allowance, count: Count, isShared: boolean): Standing => {
  const { perMinute, burst, perDay } = allowance
  const { refusedBy, second, spent, used, waitS, began } = count
  const state = burstAt(began, second)
  return {
    refusedBy,
    second,
    allowance,
    isShared,
    minute: { remaining: atLeastNone(perMinute - spent), resetS: waitS },
    burst: {
      state,
      remaining: state === 'resting' ? 0 : atLeastNone(burst - Math.max(spent, perMinute)),
      rearmS: state === 'armed' || began === undefined ? 0 : began + BURST.durationS + BURST.cooldownS - second,
    },
    day: { remaining: atLeastNone(perDay - used), resetS: DAY_S - (second % DAY_S) },
  }
}

/** Seconds after which a refused request would be let through, if nothing is spent meanwhile; at least one. */
export const retryAfterS = ({ refusedBy, minute, day }: Standing): number =>
  Math.max(1, ...refusedBy.map((policy) => (policy === 'minute' ? minute : day).resetS))
