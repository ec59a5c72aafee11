// Who may say how much a key may ask for: whoever holds all scopes. Others make keys of the standard tier.
import { isDeepStrictEqual } from 'node:util'
import { ValidationFailed } from '../kernel/problems.ts'
import { allowanceOf } from '../limits/tiers.ts'
import type { KeyLimits, Tier } from '../limits/words.ts'
import { InsufficientGrant, SCOPES } from './contract.ts'
import type { Principal } from './contract.ts'

interface Limited {
  tier?: Tier | undefined
  limits?: KeyLimits | undefined
}

/** Throws unless a key may be changed from being so limited to being limited otherwise. */
export const refuseRaise = (by: Principal, before: Limited, after: Limited): void => {
  const { tier = 'standard', limits } = after
  refuseIdle(tier, limits)
  if (tier === (before.tier ?? 'standard') && isDeepStrictEqual(limits, before.limits)) return
  if (SCOPES.every((scope) => by.scopes.includes(scope))) return
  throw InsufficientGrant('Only who holds all scopes gives a key another tier than standard, or limits of its own.')
}

/** Figures of its own would do nothing for a key that is not limited. */
const refuseIdle = (tier: Tier, limits: KeyLimits | undefined): void => {
  if (limits === undefined || allowanceOf({ tier })) return
  throw ValidationFailed(`The tier ${tier} is not limited, so a key of it has no limits of its own.`, {
    errors: [
      { pointer: '#/limits', code: 'custom', detail: 'must be left out, or null, for a tier that is not limited' },
    ],
  })
}
