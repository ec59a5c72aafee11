// Words of services: what jobs call, what it is held to, and why a job waits for it.
import { z } from 'zod'
import { BreakerConfig } from '../breakers/words.ts'
import { Budget, Concurrency, RetryBudget } from '../budgets/words.ts'

export const ServiceName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?$/, 'must be lower-case letters, digits, dots, dashes and underscores')
  .describe('A name such as `spotify`, or the host that `http.request` calls.')

/** What a service is held to. `null` means no limit of that sort. */
export const ServiceConfig = z
  .strictObject({
    breaker: BreakerConfig.prefault({}),
    budget: Budget.nullable().default(null),
    concurrency: Concurrency.nullable().default(null),
    retry_budget: RetryBudget.prefault({}),
  })
  .meta({ id: 'ServiceConfig' })
export type ServiceConfig = z.output<typeof ServiceConfig>

/** What keeps a job from its service. */
export const HoldCause = z.enum(['breaker', 'budget', 'concurrency', 'retry_budget']).meta({ id: 'HoldCause' })
export type HoldCause = z.output<typeof HoldCause>

/** A service did not let a job in. `untilMs` is when it is worth asking again, in epoch milliseconds. */
export interface Hold {
  readonly service: string
  readonly cause: HoldCause
  readonly untilMs: number
  /** As one reads it: `breaker spotify open, probe in 18 s`. */
  readonly reason: string
}
