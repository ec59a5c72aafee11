// What an attempt tells that BullMQ's streams do not: appended by the process that ran it, read by the recorder.
import { z } from 'zod'
import { JobError } from '../jobs/words.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { AttemptOutcome } from './contract.ts'

/** One attempt that did not simply complete. Times are epoch milliseconds. A completed one needs no fact: BullMQ's own
 *  hash tells all of it, and a success writes nothing of ours. */
export const AttemptFact = z.object({
  queue: z.string(),
  id: z.string(),
  name: z.string(),
  attempt: z.int().min(1),
  max_attempts: z.int().min(1),
  started_at: z.number(),
  finished_at: z.number(),
  wait_ms: z.number(),
  outcome: AttemptOutcome,
  /** Until the next attempt; 0 for none. */
  delay_ms: z.number(),
  strategy: z.string(),
  error: JobError.optional(),
  /** Why a job was put back or given up, in words. */
  reason: z.string().optional(),
  worker_id: z.string(),
  priority: z.int(),
})
export type AttemptFact = z.output<typeof AttemptFact>

/** Where facts of attempts wait for the recorder. */
export const attemptLogKey = (kernel: Kernel): string => kernel.key('attempts', 'log')

/** Appends one fact. The log is trimmed by the recorder, never past what it has read; the cap here is a last resort. */
export const appendAttempt = async (kernel: Kernel, fact: AttemptFact): Promise<void> => {
  await kernel.redis.xadd(attemptLogKey(kernel), 'MAXLEN', '~', 1_000_000, '*', 'd', JSON.stringify(fact))
}
