// Facts of a job's life, as the stream and webhooks tell them.
import { z } from 'zod'
import { event } from '../kernel/event.ts'
import { Instant, JobError, JobState } from './words.ts'

const About = z.object({ task_id: z.string(), queue: z.string(), name: z.string().nullable() })
const Ran = About.extend({
  attempt: z.int(),
  priority: z.int(),
  wait_ms: z.number(),
  started_at: Instant.nullable(),
  worker_id: z.string().nullable(),
})
const Ended = Ran.extend({ finished_at: Instant, duration_ms: z.number() })

export const JobAdded = event('job.added', 'job:added', 'A job was accepted.', About.extend({ state: JobState }))
export const JobActive = event(
  'job.active',
  'job:active',
  'A worker began an attempt.',
  Ran.extend({ state: JobState }),
)
export const JobProgress = event(
  'job.progress',
  'job:progress',
  'A running job told how far it is.',
  About.extend({ progress: z.unknown() }),
)
export const JobCompleted = event(
  'job.completed',
  'job:completed',
  'A job succeeded.',
  Ended.extend({ state: JobState }),
)
export const JobFailed = event(
  'job.failed',
  'job:failed',
  'A job failed for good.',
  Ended.extend({ state: JobState, error: JobError.omit({ stack: true }) }),
)
export const JobStalled = event(
  'job.stalled',
  'job:stalled',
  "A job's worker went away; it will run again.",
  About.extend({ state: JobState }),
)
export const JobDelayed = event(
  'job.delayed',
  'job:delayed',
  'A job waits for a time.',
  About.extend({ state: JobState, run_at: Instant }),
)
export const JobCancelled = event(
  'job.cancelled',
  'job:cancelled',
  'A job was cancelled.',
  About.extend({ state: JobState, reason: z.string().nullable() }),
)
export const JobSkipped = event(
  'job.skipped',
  'job:skipped',
  'A job was skipped: it will not run, and a parent that waited for it goes on without it.',
  About.extend({ state: JobState, reason: z.string().nullable() }),
)
export const JobExpired = event(
  'job.expired',
  'job:expired',
  'A job was not started in time, and will not be.',
  About.extend({ state: JobState, expires_at: Instant.nullable() }),
)
export const JobRemoved = event('job.removed', 'job:removed', 'A job was removed.', About.extend({ state: JobState }))
