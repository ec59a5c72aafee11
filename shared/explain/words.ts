// The words that say why a job is where it is: causes, what they are seen by, and how sure a time is.
import { z } from 'zod'
import { Instant } from '../jobs/words.ts'
import { HoldCause } from '../services/words.ts'

/** The service something waits for, why it lets nobody in, and when it is worth asking again. */
export const Holding = z
  .object({ service: z.string(), cause: HoldCause, until: Instant, reason: z.string() })
  .meta({ id: 'Holding' })

export const Cause = z
  .enum([
    'redis_full',
    'queue_paused',
    'parked_breaker',
    'parked_budget',
    'parked_concurrency',
    'parked_retry_budget',
    'no_worker',
    'no_worker_for_name',
    'queue_concurrency',
    'rate_limit',
    'not_fetching',
    'priority',
    'in_line',
    'slots_busy',
    'next',
    'delayed',
    'put_off',
    'backing_off',
    'children',
    'child_failed',
    'stalled',
    'lock_lost',
    'in_no_list',
    'running',
    'completed',
    'failed',
    'cancelled',
    'skipped',
    'expired',
    'removed',
    'discarded',
  ])
  .meta({ id: 'Cause', description: 'Why a job does not run, that it runs, or how it ended.' })
export type Cause = z.output<typeof Cause>

/** One figure a reason was decided by. `unit` says how to show it. */
export const Evidence = z
  .object({
    name: z.string(),
    label: z.string(),
    value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
    unit: z.enum(['text', 'count', 'ms', 'instant', 'bytes', 'per_min', 'job', 'queue']),
  })
  .meta({ id: 'Evidence' })
export type Evidence = z.output<typeof Evidence>

export const Reason = z
  .object({
    cause: Cause,
    says: z.string().describe('One sentence.'),
    evidence: z.array(Evidence),
    remedy: z.string().nullable().describe('What would end it, where somebody has to do something.'),
  })
  .meta({ id: 'Reason' })
export type Reason = z.output<typeof Reason>

export const Estimate = z
  .object({
    at: Instant.nullable().describe('Null where nobody can say.'),
    in_ms: z.number().nullable(),
    sure: z
      .enum(['exact', 'rough', 'not_before', 'unknown'])
      .describe('`exact`: then; `rough`: by measured rates; `not_before`: then at the earliest; `unknown`: no time.'),
    says: z.string(),
  })
  .meta({ id: 'Estimate' })
export type Estimate = z.output<typeof Estimate>
