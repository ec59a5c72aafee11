// Words of what schedules did and will do, and the endpoints.
import { z } from 'zod'
import { Json, ReasonText, Instant, JobError, cleanText } from '../jobs/words.ts'
import { endpoint } from '../kernel/endpoint.ts'
import { listOf, pageQuery } from '../kernel/page.ts'
import { problem } from '../kernel/problem.ts'
import { ScheduleMissing, ScheduleTime } from './contract.ts'
import { RunSource, SkipReason } from './run-words.ts'
import { ScheduleId } from './definition.ts'

export const SchedulePaused = problem('schedule-paused', 'conflict', 'The schedule is paused.')
export const TriggeredJustNow = problem('triggered-just-now', 'limited', 'The schedule was triggered a moment ago.')

export const RunStatus = z
  .enum(['waiting', 'triggered', 'running', 'completed', 'failed', 'cancelled', 'skipped'])
  .meta({ id: 'RunStatus' })
  .describe(
    '`waiting` for the job of an earlier slot to end; `triggered`: its job is made and has not begun; `skipped`: there is no job.',
  )

export const ScheduleRun = z
  .object({
    id: z.string().describe('The slot in ms for runs that a slot set off.'),
    schedule_id: ScheduleId,
    status: RunStatus,
    source: RunSource,
    scheduled_for: Instant,
    until: Instant.nullable().describe('The last of several slots in a row that were passed over; else null.'),
    slots: z.int().describe('How many slots this tells of; at least so many where nobody counted them all.'),
    skipped: SkipReason.nullable(),
    detail: z.string().nullable().describe('Why its job could not be made, or what the circle was.'),
    planned_at: Instant.nullable().describe('When its job may start: later than the slot by spread and jitter.'),
    triggered_at: Instant.nullable(),
    started_at: Instant.nullable(),
    finished_at: Instant.nullable(),
    lag_ms: z.number().nullable().describe('How long after `scheduled_for` the job was made.'),
    duration_ms: z.number().nullable(),
    task_id: z.string().nullable(),
    queue: z.string().nullable(),
    actor: z.string().nullable().describe('Who triggered it by hand.'),
    reason: z.string().nullable().describe('What they said.'),
    event_id: z.string().nullable().describe('The event that set it off.'),
    error: JobError.omit({ stack: true }).nullable(),
  })
  .meta({ id: 'ScheduleRun' })
export type ScheduleRun = z.output<typeof ScheduleRun>

/** Slots that no job was made for. */
export interface PassedOver {
  /** Newest first. */
  runs: ScheduleRun[]
  /** Whether all runs of the time were looked through. */
  complete: boolean
  /** Epoch ms: from when on they were. */
  from: number
}

export const ScheduleTriggeredRun = z
  .object({ schedule_id: ScheduleId, task_id: z.string(), queue: z.string(), run_at: Instant })
  .meta({ id: 'ScheduleTriggeredRun' })
export type ScheduleTriggeredRun = z.output<typeof ScheduleTriggeredRun>

export const UpcomingRun = ScheduleTime.extend({
  schedule_id: ScheduleId,
  name: z.string(),
  queue: z.string(),
  more: z
    .int()
    .nullable()
    .describe(
      'With the last slot that is listed of a schedule: how many further ones it has in the time, at most 1,000 counted; null with others, and where they are too many to be counted in time.',
    ),
}).meta({ id: 'UpcomingRun' })
export type UpcomingRun = z.output<typeof UpcomingRun>

export const RecentRun = ScheduleRun.pick({
  id: true,
  status: true,
  scheduled_for: true,
  planned_at: true,
  triggered_at: true,
  skipped: true,
  slots: true,
  detail: true,
}).meta({ id: 'RecentRun' })
export type RecentRun = z.output<typeof RecentRun>

export const UpcomingSchedule = z
  .object({
    id: ScheduleId,
    job_name: z.string(),
    description: z.string().describe('The trigger in words.'),
    recent: z.array(RecentRun).max(10).describe('The last ten runs and skips, oldest first.'),
  })
  .meta({ id: 'UpcomingSchedule' })
export type UpcomingSchedule = z.output<typeof UpcomingSchedule>

export const Upcoming = z
  .object({
    from: Instant,
    to: Instant,
    data: z.array(UpcomingRun).describe('By time; the first three slots of each schedule.'),
    schedules: z.array(UpcomingSchedule).describe('Those in `data`, each once.'),
    load: z
      .array(z.object({ at: Instant, jobs: z.int() }))
      .describe(
        'How many jobs start in each of 96 equal parts of the time; of a schedule the first 1,000 are counted, of a rule 200, and fewer when there are so many that it takes too long.',
      ),
    complete: z
      .boolean()
      .describe('False when there are more schedules than were looked at, or one has more slots than are counted.'),
  })
  .meta({ id: 'Upcoming' })
export type Upcoming = z.output<typeof Upcoming>

export const SchedulerMetrics = z
  .object({
    window_s: z.int(),
    active: z.int().describe('Schedules that fire, of those the caller may see.'),
    paused: z.int(),
    triggered: z.int().describe('Jobs made by all schedules in the window. So are the other figures: over all queues.'),
    executed: z.int(),
    failed: z.int(),
    cancelled: z.int(),
    skipped: z.int(),
    misfired: z.int(),
    lag_ms: z
      .object({
        p50: z.number().nullable(),
        p95: z.number().nullable(),
        p99: z.number().nullable(),
        max: z.number().nullable(),
      })
      .describe('From slots to the making of their jobs.'),
    next_runs: z.array(z.object({ schedule_id: ScheduleId, name: z.string(), at: Instant })).max(10),
  })
  .meta({ id: 'SchedulerMetrics' })
export type SchedulerMetrics = z.output<typeof SchedulerMetrics>

const isoInstant = z.iso.datetime({ offset: true })
const params = z.object({ schedule_id: ScheduleId })
const reading = { tags: ['scheduler'], scopes: ['schedules:read'] } as const

export const scheduleRuns = {
  trigger: endpoint({
    method: 'POST',
    path: '/scheduler/schedules/:schedule_id/trigger',
    operationId: 'triggerSchedule',
    changes: { kind: 'schedule', id: 'schedule_id', adds: 'new' },
    summary: 'Make a job of a schedule now',
    description:
      'A job like those of its slots, which stay as they are; what runs already is not looked at. At most once a second.',
    tags: ['scheduler'],
    scopes: ['schedules:write'],
    idempotency: 'optional',
    params,
    body: z.strictObject({
      data: z
        .record(z.string(), Json)
        .optional()
        .describe("Instead of the schedule's payload; its places are filled too."),
      run_at: isoInstant.optional().describe('Now unless given; within a year.'),
      reason: ReasonText.optional(),
      force: z.boolean().default(false).describe('Also when it is paused.'),
    }),
    replies: { 202: ScheduleTriggeredRun },
    problems: [ScheduleMissing, SchedulePaused, TriggeredJustNow],
  }),
  runs: endpoint({
    method: 'GET',
    path: '/scheduler/schedules/:schedule_id/runs',
    operationId: 'listScheduleRuns',
    summary: 'List what a schedule did, newest first',
    description: 'The last 1,000 runs and skips, of 30 days at most.',
    ...reading,
    params,
    query: z.strictObject(pageQuery),
    replies: { 200: listOf(ScheduleRun).meta({ id: 'ScheduleRunList' }) },
    problems: [ScheduleMissing],
  }),
  upcoming: endpoint({
    method: 'GET',
    path: '/scheduler/upcoming',
    operationId: 'listUpcomingRuns',
    summary: 'List what schedules will do, soonest first',
    ...reading,
    query: z.strictObject({
      from: isoInstant.optional().describe('Now unless given, and not before.'),
      to: isoInstant.optional().describe('24 hours after `from` unless given, and not later than a month after.'),
      limit: z.coerce.number<number>().int().min(1).max(200).default(100).describe('Schedules looked at, the soonest.'),
    }),
    replies: { 200: Upcoming },
    problems: [],
  }),
  history: endpoint({
    method: 'GET',
    path: '/scheduler/history',
    operationId: 'listSchedulerHistory',
    summary: 'List what schedules did, newest first',
    description: 'Of all schedules the caller may see, 30 days and 200,000 runs and skips at most.',
    ...reading,
    query: z.strictObject({
      ...pageQuery,
      from: isoInstant.optional(),
      to: isoInstant.optional(),
      schedule: cleanText(1, 64).optional().describe('Only of this one.'),
    }),
    replies: { 200: listOf(ScheduleRun).meta({ id: 'SchedulerHistory' }) },
    problems: [],
  }),
  metrics: endpoint({
    method: 'GET',
    path: '/metrics/scheduler',
    operationId: 'getSchedulerMetrics',
    summary: 'How schedules went in the last minutes',
    tags: ['metrics'],
    scopes: ['metrics:read'],
    query: z.strictObject({ window: z.enum(['5m', '15m', '1h', '6h', '24h']).default('1h') }),
    replies: { 200: SchedulerMetrics },
    problems: [],
  }),
}
