// Schedules as version 1 shows them.
import type { Schedule } from '../../../shared/schedules/contract.ts'
import { moment } from '../names.ts'
import type { Names } from '../names.ts'
import { msOf } from './words.ts'

/** What sets it off; `other` for what version 1 has no words for, which `description` tells like all others. */
const triggerOf = ({ trigger }: Schedule): unknown => {
  switch (trigger.type) {
    case 'cron':
      return { type: 'cron', expression: trigger.expression, timezone: trigger.timezone }
    case 'interval':
      return { type: 'interval', every: trigger.every_ms }
    case 'once':
      return { type: 'once', runAt: msOf(trigger.run_at) }
    default:
      return { type: 'other' }
  }
}

export const scheduleOf = (schedule: Schedule): unknown => ({
  scheduleId: schedule.id,
  name: schedule.name,
  jobName: schedule.job_name,
  queue: schedule.queue,
  ...('data' in schedule ? { data: schedule.data } : {}),
  trigger: triggerOf(schedule),
  description: schedule.description,
  enabled: schedule.paused === null && schedule.orphaned_at === null,
  nextRunAt: msOf(schedule.next_run_at),
  lastRunAt: msOf(schedule.last_run?.scheduled_for ?? null),
  runCount: schedule.run_count,
  createdAt: msOf(schedule.created_at),
  updatedAt: msOf(schedule.updated_at),
})

/** What a new schedule is given. */
export const scheduleNames: Names = {
  scheduleId: 'id',
  jobName: 'job_name',
  maxRuns: 'max_runs',
  trigger: { to: 'trigger', inner: { every: 'every_ms', runAt: moment('run_at') } },
}

export const triggeredOf = (made: { schedule_id: string; task_id: string; queue: string }): unknown => ({
  scheduleId: made.schedule_id,
  taskId: made.task_id,
  queue: made.queue,
})
