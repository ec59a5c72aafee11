// Words of budgets: how many calls a service takes in a time, how many at once, and how many of them may be retries.
import { z } from 'zod'
import { Instant } from '../jobs/words.ts'

/** A part of a budget that is kept for some jobs. What it does not use is lent to the others, evenly over the window, so that
 *  some of it comes back in every part of it. What the allocations leave is kept for all other jobs in the same way. */
export const Allocation = z
  .strictObject({
    kind: z.string().min(1).max(128).optional().describe('Jobs of this name.'),
    tag: z.string().min(1).max(64).optional().describe('Jobs with this tag.'),
    share: z.number().min(0.01).max(1).describe('Share of the limit, from 0 to 1.'),
  })
  .refine(({ kind, tag }) => (kind === undefined) !== (tag === undefined), {
    message: 'names either a `kind` or a `tag`',
  })

/** At most `limit` calls, or units of what calls cost, in any `per_ms` milliseconds, for all processes together. */
export const Budget = z
  .strictObject({
    limit: z.int().min(1).max(1_000_000_000),
    per_ms: z.int().min(1_000).max(2_678_400_000),
    unit: z.enum(['calls', 'units']).default('calls'),
    allocations: z.array(Allocation).max(20).default([]),
  })
  .refine(({ allocations }) => allocations.reduce((sum, { share }) => sum + share, 0) <= 1.000_001, {
    path: ['allocations'],
    message: 'the shares must not come to more than 1',
  })
  .meta({ id: 'Budget' })
export type Budget = z.output<typeof Budget>

/** What is used of a budget now. Without a budget only a throttle is told. */
export const Quota = z
  .object({
    limit: z.int().nullable(),
    per_ms: z.int().nullable(),
    used: z.int().min(0).describe('Units granted or leased in the last `per_ms`.'),
    remaining: z.int().min(0).nullable(),
    next_free_at: Instant.nullable().describe('When the oldest of what is used is free again.'),
    resets_at: Instant.nullable().describe('When all of it is free again, if nothing more is used.'),
    throttled_until: Instant.nullable().describe('The service asked for a pause; nothing is granted until then.'),
    allocations: z
      .array(
        z.object({
          kind: z.string().nullable(),
          tag: z.string().nullable(),
          own: z.int().min(0).describe('Units that are kept for these jobs.'),
          used: z.int().min(0).describe('Units they use, which may be borrowed from the others.'),
        }),
      )
      .describe('In the order of the budget; the last one, without a name, is what all other jobs have.'),
  })
  .meta({ id: 'Quota' })
export type Quota = z.output<typeof Quota>

/** At most `max` calls at once, for all processes together. */
export const Concurrency = z
  .strictObject({
    max: z.int().min(1).max(100_000),
    lease_ms: z
      .int()
      .min(1_000)
      .max(86_400_000)
      .default(15_000)
      .describe('Places of a process that died are free after so long; one that lives renews them.'),
  })
  .meta({ id: 'Concurrency' })
export type Concurrency = z.output<typeof Concurrency>

/** How many retries a service gets: `ratio` of the first attempts, with `capacity` in reserve and `floor_per_s` always. */
export const RetryBudget = z
  .strictObject({
    ratio: z.number().min(0).max(10).default(0.2),
    capacity: z.int().min(1).max(1_000_000).default(100),
    floor_per_s: z.number().min(0).max(10_000).default(1),
  })
  .meta({ id: 'RetryBudget' })
export type RetryBudget = z.output<typeof RetryBudget>
