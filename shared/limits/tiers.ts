// How much each tier allows, as data, and what follows from it for one principal.
import type { Principal } from '../auth/contract.ts'
import type { KeyLimits, Tier } from './words.ts'

interface TierFigures {
  readonly perMinute: number
  /** Requests of one day in UTC. Bursts count; there is no burst on the day. */
  readonly perDay: number
}

/** null is not limited. Standard at full speed has used its day after a hundred minutes. */
export const TIERS: Readonly<Record<Tier, TierFigures | null>> = {
  standard: { perMinute: 100, perDay: 10_000 },
  premium: { perMinute: 1_000, perDay: 1_000_000 },
  internal: null,
}

/** Once in two minutes the limit of the minute is a fifth higher, for a minute. */
export const BURST = { ratio: 0.2, durationS: 60, cooldownS: 60 } as const

/** What a principal may spend. */
export interface Allowance {
  readonly perMinute: number
  /** The limit of the minute while a burst lasts; not below `perMinute`. */
  readonly burst: number
  readonly perDay: number
}

/** What belongs together. `burstRatio` is rounded away from noise: 1.2 × 100 is 120, and stays so. */
const allow = (perMinute: number, perDay: number, burstRatio: number): Allowance => ({
  perMinute,
  perDay,
  burst: perMinute + Math.floor(perMinute * burstRatio + 1e-9),
})

/** The tier of a principal; a session has that of the key it was opened with. */
export const tierOf = ({ tier = 'standard' }: Pick<Principal, 'tier'>): Tier => tier

/** What the figures of a tier, or a key's own in their place, allow; undefined for what is not limited. */
export const allowanceOf = (principal: Pick<Principal, 'tier' | 'limits'>): Allowance | undefined => {
  const figures = TIERS[tierOf(principal)]
  if (!figures) return undefined
  const { per_minute, per_day, burst_ratio }: KeyLimits = principal.limits ?? {}
  return allow(per_minute ?? figures.perMinute, per_day ?? figures.perDay, burst_ratio ?? BURST.ratio)
}

/** The part of an allowance that one of so many processes gives while they cannot count together. */
export const shareOf = ({ perMinute, burst, perDay }: Allowance, processes: number): Allowance =>
  allow(Math.ceil(perMinute / processes), Math.ceil(perDay / processes), burst / perMinute - 1)

/** The most that one request can cost: half a minute's worth, so that none is too dear for ever. */
export const dearest = ({ perMinute, perDay }: Allowance): number =>
  Math.max(1, Math.min(Math.floor(perMinute / 2), perDay))
