// Words of services: what jobs call, what it is held to, and why a job waits for it.
import { z } from 'zod'
import { BreakerConfig, BreakerPatch, changes } from '../breakers/words.ts'
import { Budget, Concurrency, RetryBudget } from '../budgets/words.ts'
import { cleanText } from '../jobs/words.ts'

export const ServiceName = z
  .string()
  .regex(
    /^(?:[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9_-])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/,
    'must be lower-case letters, digits, dots, dashes and underscores, and may end with a port',
  )
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

/** A change of some of it: members of `breaker` and `retry_budget` one by one, `budget` and `concurrency` as a whole. */
export const ServicePatch = z
  .strictObject({
    summary: cleanText(1, 200).nullable().optional(),
    breaker: BreakerPatch.optional(),
    budget: Budget.nullable().optional(),
    concurrency: Concurrency.nullable().optional(),
    retry_budget: z.strictObject(changes(RetryBudget.shape)).optional(),
  })
  .meta({ id: 'ServicePatch' })
export type ServicePatch = z.output<typeof ServicePatch>

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
  /** The job comes at `untilMs`, and in no line behind others that wait for the same. */
  readonly isOwnTime?: boolean
}
