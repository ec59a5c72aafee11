// Facts about what schedules did.
import { z } from 'zod'
import { Instant, JobError } from '../jobs/words.ts'
import { event } from '../kernel/event.ts'
import { ScheduleId } from './definition.ts'
import { RunOutcome, RunSource, SkipReason } from './run-words.ts'

const About = z.object({ schedule_id: ScheduleId, task_id: z.string(), queue: z.string() })

export const ScheduleTriggered = event(
  'scheduler.schedule_triggered',
  'schedule:triggered',
  'A schedule made a job.',
  About.extend({
    scheduled_for: Instant,
    triggered_at: Instant,
    lag_ms: z.number(),
    source: RunSource,
    actor: z.string().optional().describe('Who triggered it by hand.'),
  }),
)

export const TaskExecuted = event(
  'scheduler.task_executed',
  'schedule:executed',
  'The job of a schedule ended.',
  About.extend({
    outcome: RunOutcome,
    scheduled_for: Instant,
    started_at: Instant,
    finished_at: Instant,
    duration_ms: z.number(),
    lag_ms: z.number().describe('How long after `scheduled_for` its last attempt began.'),
    error: JobError.omit({ stack: true }).optional(),
  }),
)

const Passed = z.object({
  schedule_id: ScheduleId,
  queue: z.string(),
  scheduled_for: Instant.describe('The first of the slots.'),
  until: Instant.describe('The last of them.'),
  slots: z.int().describe('How many; at least so many where nobody counted them all.'),
  reason: SkipReason,
})

export const RunSkipped = event(
  'scheduler.run_skipped',
  'schedule:skipped',
  'Slots of a schedule were passed over.',
  Passed,
)
export const RunMisfired = event(
  'scheduler.run_misfired',
  'schedule:misfired',
  'Nobody could carry out slots of a schedule in time, and they are not made up for.',
  Passed,
)
