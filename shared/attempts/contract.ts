// Words of attempts: one run of one job and how it ended.
import { z } from 'zod'
import { Instant, JobError } from '../jobs/words.ts'

export const AttemptOutcome = z
  .enum(['completed', 'retrying', 'failed', 'cancelled', 'snoozed', 'stalled'])
  .meta({ id: 'AttemptOutcome', description: 'How an attempt ended. `failed` is final, `retrying` is not.' })

export const Attempt = z
  .object({
    attempt: z.int().min(1),
    started_at: Instant.nullable(),
    finished_at: Instant.nullable(),
    duration_ms: z.number().nullable(),
    outcome: AttemptOutcome.nullable().describe('Null while it runs.'),
    delay_ms: z.number().nullable().describe('Milliseconds until the next attempt, when there is one.'),
    error: JobError.optional(),
    reason: z.string().optional().describe('Why a job was put off or put back, which counts no attempt.'),
    worker_id: z.string().nullable(),
    inferred: z
      .boolean()
      .describe('True for jobs of workers that are not ours: told by what BullMQ keeps, not measured.'),
  })
  .meta({ id: 'Attempt' })
export type Attempt = z.output<typeof Attempt>
