// How a caller is told where it stands: `RateLimit` and `RateLimit-Policy` of the IETF draft, the older `X-RateLimit-*`, and the
// problem when the quota is used up.
import { QuotaExceeded } from '../../shared/kernel/problems.ts'
import { retryAfterS } from '../../shared/limits/policy.ts'
import type { Policy, Standing } from '../../shared/limits/policy.ts'
import { BURST } from '../../shared/limits/tiers.ts'
import type { Allowance } from '../../shared/limits/tiers.ts'
import type { Ctx } from './state.ts'

/** The type that the draft registers for all who limit requests; `code` leads to our own page. */
export const QUOTA_TYPE = 'https://iana.org/assignments/http-problem-types#quota-exceeded'

/** What is allowed, as structured fields: a list of strings with parameters. */
export const policyField = ({ perMinute, burst, perDay }: Allowance): string =>
  [
    `"minute";q=${perMinute};w=60`,
    ...(burst > perMinute
      ? [`"burst";q=${burst - perMinute};w=${BURST.durationS};k1n-cooldown=${BURST.cooldownS}`]
      : []),
    `"day";q=${perDay};w=86400`,
  ].join(', ')

/** What is left, and the seconds until it is more. */
export const remainingField = ({ allowance, minute, burst, day }: Standing): string =>
  [
    `"minute";r=${minute.remaining};t=${minute.resetS}`,
    ...(allowance.burst > allowance.perMinute
      ? [`"burst";r=${burst.remaining};t=${burst.state === 'resting' ? burst.rearmS : minute.resetS}`]
      : []),
    `"day";r=${day.remaining};t=${day.resetS}`,
  ].join(', ')

/** Tells a caller where it stands. What one process counted alone is not where the caller stands, so that is left out. */
export const tellStanding = (ctx: Ctx, standing: Standing): void => {
  const { allowance, minute, day, second, isShared } = standing
  const tell = (name: string, value: string | number): void => void ctx.res.setHeader(name, String(value))
  if (!isShared) {
    for (const name of TOLD) ctx.res.removeHeader(name)
    return
  }
  tell('RateLimit-Policy', policyField(allowance))
  tell('RateLimit', remainingField(standing))
  tell('X-RateLimit-Limit', allowance.perMinute)
  tell('X-RateLimit-Remaining', minute.remaining)
  tell('X-RateLimit-Reset', second + minute.resetS)
  tell('X-RateLimit-Limit-Day', allowance.perDay)
  tell('X-RateLimit-Remaining-Day', day.remaining)
}

const TOLD = [
  'RateLimit-Policy',
  'RateLimit',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'X-RateLimit-Limit-Day',
  'X-RateLimit-Remaining-Day',
]

/** Throws `quota-exceeded` where a request did not fit. */
export const refuseSpent = (standing: Standing): void => {
  const { refusedBy, allowance } = standing
  if (refusedBy.length === 0) return
  const said = refusedBy.map((policy) => sentences[policy](allowance)).join(' ')
  const seconds = retryAfterS(standing)
  throw QuotaExceeded(`${said} GET /api/v2/quota tells where you stand and costs nothing.`, {
    retryAfterMs: seconds * 1_000,
    members: { type: QUOTA_TYPE, 'violated-policies': refusedBy },
  })
}

const sentences: Record<Policy, (allowance: Allowance) => string> = {
  minute: ({ perMinute }) => `This key may ask for ${perMinute} a minute, and the request would be beyond that.`,
  day: ({ perDay }) => `This key may ask for ${perDay} a day, which begins at midnight in UTC.`,
}
