// Words of circuit breakers: when one opens, how long it stays open, and how it tries its service again.
import { z } from 'zod'
import { ErrorClass } from '../retries/words.ts'

/** `closed`: calls go through and are counted. `open`: none does. `half_open`: a few probes do, and decide. The others are set
 *  by people: `forced_open` and `forced_closed` hold whatever happens, `disabled` counts nothing and lets everything through. */
export const BreakerState = z
  .enum(['closed', 'open', 'half_open', 'forced_open', 'forced_closed', 'disabled'])
  .meta({ id: 'BreakerState' })
export type BreakerState = z.output<typeof BreakerState>

/** Why a breaker changed its state. `timeout`: its time was over, which is how it comes to try again. */
export const ChangeReason = z
  .enum(['threshold', 'slow_calls', 'consecutive', 'timeout', 'probe_ok', 'probe_failed', 'manual', 'reset'])
  .meta({ id: 'BreakerChangeReason' })
export type ChangeReason = z.output<typeof ChangeReason>

/** What is looked at: the calls of the last `size` seconds, or the last `size` calls. */
export const BreakerWindow = z
  .strictObject({
    type: z.enum(['time', 'count']).default('time'),
    size: z.int().min(1).max(3_600).default(60).describe('Seconds of `time`, calls of `count`.'),
    min_calls: z.int().min(1).max(10_000).default(20).describe('With fewer calls in the window nothing is decided.'),
  })
  .meta({ id: 'BreakerWindow' })

/** When a breaker opens and how it closes again. Rates are shares from 0 to 1, times are milliseconds. */
export const BreakerConfig = z
  .strictObject({
    window: BreakerWindow.prefault({}),
    failure_rate_threshold: z.number().min(0.01).max(1).default(0.5),
    slow_call_rate_threshold: z.number().min(0.01).max(1).default(0.8),
    slow_call_ms: z.int().min(1).max(86_400_000).default(30_000).describe('A call that takes longer is slow.'),
    consecutive_failures: z
      .int()
      .min(1)
      .max(1_000)
      .nullable()
      .default(null)
      .describe('Opens after so many failures in a row too, for services that are called rarely.'),
    open_ms: z
      .int()
      .min(100)
      .max(3_600_000)
      .default(30_000)
      .describe('The first open period; each further one doubles.'),
    open_max_ms: z
      .int()
      .min(100)
      .max(86_400_000)
      .default(600_000)
      .describe('No open period is longer, but one for which the service asked by `Retry-After`: a day at most.'),
    jitter: z.number().min(0).max(1).default(0.2).describe('Share of an open period that chance takes off or adds.'),
    half_open_max: z.int().min(1).max(100).default(3).describe('Probes in one half-open period, of the whole fleet.'),
    probe_lease_ms: z
      .int()
      .min(1_000)
      .max(86_400_000)
      .default(65_000)
      .describe('A probe that is not heard of for so long has failed.'),
    failure_classes: z
      .array(ErrorClass)
      .max(6)
      .default(['transient', 'timeout', 'rate_limited', 'unknown'])
      .describe('Errors that count as failures of the service; others say nothing about it.'),
  })
  .refine(({ open_ms, open_max_ms }) => open_ms <= open_max_ms, {
    path: ['open_max_ms'],
    message: 'must not be shorter than `open_ms`',
  })
  .meta({ id: 'BreakerConfig' })
export type BreakerConfig = z.output<typeof BreakerConfig>

type Bare<Schema> = Schema extends z.ZodDefault<infer Inner> | z.ZodPrefault<infer Inner>
  ? z.ZodOptional<Inner>
  : Schema extends z.ZodType
    ? z.ZodOptional<Schema>
    : never

/** The members of a shape for a change: each may be left out, and what is left out stays as it is. */
export const changes = <Shape extends z.ZodRawShape>(shape: Shape): { [Name in keyof Shape]: Bare<Shape[Name]> } =>
  Object.fromEntries(
    Object.entries(shape).map(([name, schema]) => [
      name,
      (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault
        ? (schema.unwrap() as z.ZodType)
        : (schema as z.ZodType)
      ).optional(),
    ]),
  ) as { [Name in keyof Shape]: Bare<Shape[Name]> }

/** A change of some members of a breaker's configuration; the others stay as they are. */
export const BreakerPatch = z
  .strictObject({ ...changes(BreakerConfig.shape), window: z.strictObject(changes(BreakerWindow.shape)).optional() })
  .meta({ id: 'BreakerPatch' })
export type BreakerPatch = z.output<typeof BreakerPatch>
