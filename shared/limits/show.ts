// Where a principal stands, as it is told.
import type { Principal } from '../auth/contract.ts'
import type { Quota } from './contract.ts'
import type { Standing } from './policy.ts'
import { tierOf } from './tiers.ts'

export const quotaOf = (principal: Principal, standing: Standing | undefined): Quota => ({
  principal: principal.id,
  tier: tierOf(principal),
  exact: standing?.isShared ?? true,
  windows: standing ? windowsOf(standing) : null,
})

const windowsOf = ({ allowance, minute, burst, day }: Standing): Quota['windows'] => ({
  minute: {
    limit: allowance.perMinute,
    remaining: minute.remaining,
    burst_limit: allowance.burst,
    reset_s: minute.resetS,
    burst: { state: burst.state, remaining: burst.remaining, rearm_s: burst.rearmS },
  },
  day: { limit: allowance.perDay, remaining: day.remaining, reset_s: day.resetS },
})
