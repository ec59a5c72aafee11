// The words every room uses when it speaks of errors and waiting: closed, bounded, safe to store.
import { z } from 'zod'

/** What kind of error ended an attempt; decides whether another attempt makes sense. */
export const ErrorClass = z
  .enum(['transient', 'permanent', 'timeout', 'rate_limited', 'circuit_open', 'unknown'])
  .meta({ id: 'ErrorClass' })
export type ErrorClass = z.output<typeof ErrorClass>

const delay = z.int().min(0).max(2_592_000_000)

/** How long to wait before the next attempt: `fixed`, `exponential` (doubling from `delay_ms` to `max_ms`) or `custom` (the list; its last entry repeats). */
export const BackoffPolicy = z
  .strictObject({
    type: z.enum(['fixed', 'exponential', 'custom']).default('exponential'),
    delay_ms: delay.default(1_000).describe('The first wait.'),
    max_ms: delay.default(900_000).describe('No wait is longer, but one a service asks for by Retry-After.'),
    delays: z.array(delay).min(1).max(50).optional().describe('Only with `custom`.'),
    jitter: z
      .enum(['none', 'full', 'equal'])
      .default('full')
      .describe('`full`: 0 to all of it; `equal`: half to all of it.'),
  })
  .meta({ id: 'BackoffPolicy' })
export type BackoffPolicy = z.output<typeof BackoffPolicy>

/** How often and how a kind of job is tried. */
export const RetryPolicy = z.strictObject({
  attempts: z.int().min(1).max(50).default(5),
  backoff: BackoffPolicy.prefault({}),
})
export type RetryPolicy = z.output<typeof RetryPolicy>

/** What a job says about its own retries; what it leaves out is its kind's. Fills in nothing by itself. */
export const BackoffOverride = z
  .strictObject({
    type: BackoffPolicy.shape.type.unwrap().optional(),
    delay_ms: BackoffPolicy.shape.delay_ms.unwrap().optional(),
    max_ms: BackoffPolicy.shape.max_ms.unwrap().optional(),
    delays: BackoffPolicy.shape.delays,
    jitter: BackoffPolicy.shape.jitter.unwrap().optional(),
  })
  .refine(({ type, delays }) => (type === 'custom') === (delays !== undefined), {
    path: ['delays'],
    message: 'belongs to the type `custom`, and must be there for it',
  })
  .refine(({ delay_ms, max_ms }) => (delay_ms ?? 0) <= (max_ms ?? Infinity), {
    path: ['max_ms'],
    message: 'must not be shorter than `delay_ms`',
  })
export type BackoffOverride = z.output<typeof BackoffOverride>

export const RetryOverride = z.strictObject({
  attempts: RetryPolicy.shape.attempts.unwrap().optional(),
  backoff: BackoffOverride.optional(),
})
export type RetryOverride = z.output<typeof RetryOverride>
