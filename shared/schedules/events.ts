// Facts about schedules.
import { z } from 'zod'
import { event } from '../kernel/event.ts'
import { ScheduleId } from './definition.ts'

/** The stream tells every change of a schedule by one name; webhooks may ask for some of them. */
export const SCHEDULE_LIVE = 'schedule:changed'

export const ScheduleChange = z.enum(['created', 'updated', 'paused', 'resumed', 'deleted'])
export type ScheduleChange = z.output<typeof ScheduleChange>

const changed = z.object({
  schedule_id: ScheduleId,
  queue: z.string().describe('Where its jobs go.'),
  change: ScheduleChange,
  actor: z.string(),
  version: z.int(),
})

export const ScheduleCreated = event(
  'scheduler.schedule_created',
  SCHEDULE_LIVE,
  'Somebody made a schedule, or code declares a new one.',
  changed,
)
export const ScheduleUpdated = event(
  'scheduler.schedule_updated',
  SCHEDULE_LIVE,
  'Somebody changed, paused or resumed a schedule.',
  changed,
)
export const ScheduleDeleted = event(
  'scheduler.schedule_deleted',
  SCHEDULE_LIVE,
  'Somebody deleted a schedule.',
  changed,
)
