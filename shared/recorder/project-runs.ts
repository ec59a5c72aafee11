// Jobs that schedules made: when they began and what came of them, for the history of their schedule.
import type { z } from 'zod'
import type { QueueEvent } from '../bullmq/event-streams.ts'
import { toIso } from '../kernel/clock.ts'
import { FIGURES_AGE_S, HISTORY_AGE_S, minuteOf, runOfJob, scheduleKeys, slotOfKey } from '../schedules/keys.ts'
import { TaskExecuted } from '../schedules/run-events.ts'
import type { RunEnd as Kept } from '../schedules/run-end.ts'
import type { RunOutcome } from '../schedules/run-words.ts'
import type { Projection } from './projection.ts'

/** The beginning of a run: of the job's first attempt. */
export const runBegan = (page: Projection, event: QueueEvent, startedAt: number): void => {
  const run = runOfJob(event.jobId)
  if (run === undefined) return
  const runs = scheduleKeys(page.kernel).runs(run.scheduleId)
  page.writes.ops.write('HSETNX', runs, `${run.key}:began`, startedAt)
  page.writes.ops.write('EXPIRE', runs, HISTORY_AGE_S)
}

export interface RunEnd {
  readonly outcome: z.output<typeof RunOutcome>
  readonly startedAt: number
  readonly waitMs: number
  readonly error?: z.output<typeof TaskExecuted.data>['error']
}

/** The end of a run, told once: a dead letter that gets another life later is no other run. */
export const runEnded = (page: Projection, event: QueueEvent, end: RunEnd): void => {
  const run = runOfJob(event.jobId)
  if (run === undefined) return
  const { outcome, startedAt, error } = end
  const kept = { outcome, started_at: startedAt, finished_at: event.at, ...(error === undefined ? {} : { error }) }
  once(page, event, run, kept, () => page.writes.ops.fact(TaskExecuted, event.at, factOf(page, event, run, end)))
}

/** A job that was removed before it ended: somebody cancelled it before it began, or removed it by other means. */
export const runGone = (page: Projection, event: QueueEvent): void => {
  const run = runOfJob(event.jobId)
  if (run === undefined) return
  once(page, event, run, { outcome: 'cancelled', started_at: null, finished_at: event.at }, () => undefined)
}

const once = (
  page: Projection,
  event: QueueEvent,
  { scheduleId, key }: { scheduleId: string; key: string },
  end: Kept,
  tell: () => void,
): void => {
  const keys = scheduleKeys(page.kernel)
  const [runs, minute] = [keys.runs(scheduleId), keys.minute(minuteOf(event.at))]
  const { ops } = page.writes
  ops.once(runs, `${key}:ended`, JSON.stringify(end), () => {
    ops.write('EXPIRE', runs, HISTORY_AGE_S)
    ops.write('ZREM', keys.running(scheduleId), `${page.queue}:${event.jobId}`)
    ops.write('HINCRBY', minute, end.outcome, 1)
    ops.write('EXPIRE', minute, FIGURES_AGE_S)
    tell()
  })
  // A slot that waits for this end is looked at now.
  ops.swap(keys.awaited, scheduleId, '1', '0', () => ops.write('ZADD', keys.due, 'XX', 'LT', event.at, scheduleId))
}

/** Runs that no slot set off were meant for when they could first begin. */
const factOf = (
  page: Projection,
  event: QueueEvent,
  { scheduleId, key }: { scheduleId: string; key: string },
  { outcome, startedAt, waitMs, error }: RunEnd,
): z.output<typeof TaskExecuted.data> => {
  const scheduledFor = slotOfKey(key) ?? startedAt - waitMs
  return {
    ...{ schedule_id: scheduleId, task_id: `${page.queue}:${event.jobId}`, queue: page.queue, outcome },
    ...{ scheduled_for: toIso(scheduledFor), started_at: toIso(startedAt), finished_at: toIso(event.at) },
    duration_ms: Math.max(0, event.at - startedAt),
    lag_ms: Math.max(0, startedAt - scheduledFor),
    ...(error === undefined ? {} : { error }),
  }
}
