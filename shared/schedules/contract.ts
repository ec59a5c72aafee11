// Words of schedules on the wire, and the endpoints.
import { z } from 'zod'
import { changes } from '../breakers/words.ts'
import { JobExists, UnknownJobName } from '../jobs/problems.ts'
import { Json, Instant, QueueName, ReasonText, cleanText } from '../jobs/words.ts'
import { endpoint } from '../kernel/endpoint.ts'
import { listOf, many, pageQuery } from '../kernel/page.ts'
import { problem } from '../kernel/problem.ts'
import { PreconditionFailed } from '../kernel/problems.ts'
import { ScheduleDefinition, ScheduleId } from './definition.ts'
import { RunOutcome } from './run-words.ts'

export const ScheduleMissing = problem('schedule-not-found', 'missing', 'There is no such schedule.')
export const TooManySchedules = problem('too-many-schedules', 'conflict', 'No further schedule can be kept.')
export const ScheduleDeclared = problem('schedule-declared', 'conflict', 'The schedule is declared in code.')

export const ScheduleOrigin = z
  .enum(['code', 'api', 'adopted'])
  .meta({ id: 'ScheduleOrigin' })
  .describe("Declared by the workers' code, made through the API, or once a job scheduler of BullMQ that others made.")

/** The names of what a definition says. */
export const ScheduleMember = z.keyof(ScheduleDefinition).meta({ id: 'ScheduleMember' })
export type ScheduleMember = z.output<typeof ScheduleMember>

const data = z.record(z.string(), Json).optional().describe('Left out without the scope `jobs:data`.')

/** A definition as it is shown. */
const Shown = ScheduleDefinition.omit({ data: true }).extend({ data })

export const SchedulePause = z
  .object({ reason: z.string().nullable(), by: z.string(), at: Instant, until: Instant.nullable() })
  .meta({ id: 'SchedulePause' })

export const ScheduleLastRun = z
  .object({
    scheduled_for: Instant,
    task_id: z.string().nullable(),
    outcome: RunOutcome.nullable().describe('Null while it has not ended.'),
  })
  .meta({ id: 'ScheduleLastRun' })
export type ScheduleLastRun = z.output<typeof ScheduleLastRun>

export const Schedule = z
  .object({
    id: ScheduleId,
    origin: ScheduleOrigin,
    ...Shown.shape,
    queue: z.string().describe('Where its jobs go.'),
    description: z.string().describe('The trigger in words.'),
    declared: Shown.meta({ id: 'DeclaredSchedule' })
      .nullable()
      .describe('What code says; null for what it never said.'),
    changed: z
      .array(ScheduleMember)
      .describe('Members in which this is not what code says, as somebody changed them; a deploy leaves them so.'),
    orphaned_at: Instant.nullable().describe(
      'When it turned out that code declares it no more. It fires no more either.',
    ),
    hears: z
      .object({
        queues: z.array(z.string()).describe('Facts of these queues, as globs.'),
        outside: z.boolean().describe('Events from outside.'),
      })
      .nullable()
      .describe('What it may be set off by, as far as whoever lets it wait may read; null when it waits for no event.'),
    paused: SchedulePause.nullable(),
    next_run_at: Instant.nullable().describe('Null when it does not start by itself.'),
    last_run: ScheduleLastRun.nullable(),
    run_count: z.int(),
    skipped_count: z.int(),
    version: z.int().describe('As the `ETag` tells it.'),
    created_at: Instant,
    updated_at: Instant,
    by: z.string().describe('Who changed it last.'),
  })
  .meta({ id: 'Schedule' })
export type Schedule = z.output<typeof Schedule>

/** The dashboard's page for a new one is where the page of one called `new` would be. */
const NewScheduleId = ScheduleId.refine((id) => id !== 'new', 'is a word of the dashboard')

export const ScheduleCreate = ScheduleDefinition.extend({
  id: NewScheduleId.optional().describe('One is made when it is left out.'),
}).meta({ id: 'ScheduleCreate' })
export type ScheduleCreate = z.output<typeof ScheduleCreate>

/** Some members of a definition, each as a whole. */
export const SchedulePatch = z.strictObject(changes(ScheduleDefinition.shape)).meta({ id: 'SchedulePatch' })
export type SchedulePatch = z.output<typeof SchedulePatch>

const Mistake = z.object({
  pointer: z.string().describe('Where in the body, as a JSON pointer.'),
  code: z.string(),
  detail: z.string(),
})

export const ScheduleTime = z
  .object({
    at: Instant.describe('The slot: the time that the trigger says.'),
    local: z.iso
      .datetime({ offset: true })
      .describe(
        'The same moment as a wall clock in the time zone of the trigger shows it, with its distance from UTC.',
      ),
    note: z
      .string()
      .nullable()
      .describe(
        'What clocks do around then, where they change: why it is not the time that was asked for, or comes twice.',
      ),
    planned_at: Instant.describe('When its job starts: the slot, put off by spread and jitter.'),
    latest_at: Instant.nullable().describe('With jitter, the latest that any slot at this time would start.'),
  })
  .meta({ id: 'ScheduleTime' })
export type ScheduleTime = z.output<typeof ScheduleTime>

export const TriggerCheck = z
  .object({
    valid: z.boolean(),
    description: z.string().nullable().describe('The trigger in words; null when it is not valid.'),
    next: z.array(ScheduleTime).max(5).describe('The next five times; fewer when there are not so many.'),
    errors: z.array(Mistake).describe('What is wrong with it; empty when it is valid.'),
  })
  .meta({ id: 'TriggerCheck' })
export type TriggerCheck = z.output<typeof TriggerCheck>

export const TriggerToCheck = z.strictObject({
  trigger: z.record(z.string(), Json).describe('As in a schedule: see `Trigger`.'),
  id: ScheduleId.optional().describe('Spread and jitter come from it.'),
  start_at: ScheduleDefinition.shape.start_at,
  end_at: ScheduleDefinition.shape.end_at,
  jitter_ms: ScheduleDefinition.shape.jitter_ms,
  spread_ms: ScheduleDefinition.shape.spread_ms,
})
export type TriggerToCheck = z.output<typeof TriggerToCheck>

export const SchedulePreview = z
  .object({
    times: z.array(ScheduleTime),
    complete: z.boolean().describe('Whether no further time comes after these.'),
  })
  .meta({ id: 'SchedulePreview' })
export type SchedulePreview = z.output<typeof SchedulePreview>

const one = { tags: ['scheduler'], params: z.object({ schedule_id: ScheduleId }), etag: true } as const
/** Every process keeps all schedules in memory. */
const BODY_LIMIT = 32_768
const refused = [UnknownJobName, PreconditionFailed] as const

export const schedules = {
  list: endpoint({
    method: 'GET',
    path: '/scheduler/schedules',
    operationId: 'listSchedules',
    summary: 'List schedules by id',
    tags: ['scheduler'],
    scopes: ['schedules:read'],
    query: z.strictObject({
      ...pageQuery,
      enabled: z
        .enum(['true', 'false'])
        .optional()
        .describe('`false`: those that are paused or that code declares no more.'),
      queue: many(QueueName),
      tag: many(cleanText(1, 64)).describe('Schedules with one of these tags.'),
      origin: many(ScheduleOrigin),
      q: cleanText(1, 100).optional().describe('Part of the id, the name or the name of its jobs.'),
    }),
    replies: { 200: listOf(Schedule).meta({ id: 'ScheduleList' }) },
    problems: [],
  }),
  create: endpoint({
    method: 'POST',
    path: '/scheduler/schedules',
    operationId: 'createSchedule',
    changes: { kind: 'schedule', id: 'id' },
    summary: 'Make a schedule',
    tags: ['scheduler'],
    scopes: ['schedules:write'],
    idempotency: 'optional',
    etag: true,
    bodyLimit: BODY_LIMIT,
    body: ScheduleCreate,
    replies: { 201: Schedule },
    problems: [JobExists, UnknownJobName, TooManySchedules],
  }),
  show: endpoint({
    ...one,
    method: 'GET',
    path: '/scheduler/schedules/:schedule_id',
    operationId: 'getSchedule',
    summary: 'Show a schedule, what code says of it, and when it runs',
    scopes: ['schedules:read'],
    replies: { 200: Schedule },
    problems: [ScheduleMissing],
  }),
  put: endpoint({
    ...one,
    method: 'PUT',
    path: '/scheduler/schedules/:schedule_id',
    operationId: 'putSchedule',
    changes: { kind: 'schedule', id: 'schedule_id', shownBy: 'getSchedule' },
    summary: 'Set everything a schedule says; `If-None-Match: *` makes a new one only',
    scopes: ['schedules:write'],
    bodyLimit: BODY_LIMIT,
    params: z.object({ schedule_id: NewScheduleId }),
    body: ScheduleDefinition,
    replies: { 200: Schedule, 201: Schedule },
    problems: [ScheduleMissing, ...refused, TooManySchedules],
  }),
  edit: endpoint({
    ...one,
    method: 'PATCH',
    path: '/scheduler/schedules/:schedule_id',
    operationId: 'editSchedule',
    changes: { kind: 'schedule', id: 'schedule_id', shownBy: 'getSchedule' },
    summary: 'Change some members of a schedule, each as a whole',
    scopes: ['schedules:write'],
    bodyLimit: BODY_LIMIT,
    body: SchedulePatch,
    replies: { 200: Schedule },
    problems: [ScheduleMissing, ...refused],
  }),
  remove: endpoint({
    ...one,
    method: 'DELETE',
    path: '/scheduler/schedules/:schedule_id',
    operationId: 'deleteSchedule',
    changes: { kind: 'schedule', id: 'schedule_id', shownBy: 'getSchedule' },
    summary: 'Delete a schedule; its jobs stay',
    description: 'What code declares would come back with the next deploy: pause it instead.',
    scopes: ['schedules:write'],
    replies: { 204: null },
    problems: [ScheduleMissing, ScheduleDeclared, PreconditionFailed],
  }),
  reset: endpoint({
    ...one,
    method: 'POST',
    path: '/scheduler/schedules/:schedule_id/reset',
    operationId: 'resetSchedule',
    changes: { kind: 'schedule', id: 'schedule_id', shownBy: 'getSchedule' },
    summary: 'Take back what was changed of a schedule that code declares, all of it or some members',
    scopes: ['schedules:write'],
    body: z.strictObject({ members: z.array(ScheduleMember).min(1).max(30).optional() }),
    bodyOptional: true,
    replies: { 200: Schedule },
    problems: [ScheduleMissing, ...refused],
  }),
  pause: endpoint({
    ...one,
    method: 'POST',
    path: '/scheduler/schedules/:schedule_id/pause',
    operationId: 'pauseSchedule',
    changes: { kind: 'schedule', id: 'schedule_id', shownBy: 'getSchedule' },
    summary: 'Let no slot of a schedule start, until it is resumed or until a time',
    scopes: ['schedules:write'],
    body: z.strictObject({ reason: ReasonText.optional(), until: Instant.optional() }),
    bodyOptional: true,
    replies: { 200: Schedule },
    problems: [ScheduleMissing, PreconditionFailed],
  }),
  resume: endpoint({
    ...one,
    method: 'POST',
    path: '/scheduler/schedules/:schedule_id/resume',
    operationId: 'resumeSchedule',
    changes: { kind: 'schedule', id: 'schedule_id', shownBy: 'getSchedule' },
    summary: 'End a pause; slots that lay in it do not come',
    scopes: ['schedules:write'],
    replies: { 200: Schedule },
    problems: [ScheduleMissing, PreconditionFailed],
  }),
  preview: endpoint({
    method: 'GET',
    path: '/scheduler/schedules/:schedule_id/preview',
    operationId: 'previewSchedule',
    summary: 'Tell when a schedule comes next, as clocks there show it',
    description: 'These are the times at which it runs. Of a paused one, those it would run at if it were resumed.',
    tags: ['scheduler'],
    scopes: ['schedules:read'],
    params: one.params,
    query: z.strictObject({
      count: z.coerce.number<number>().int().min(1).max(100).default(10),
      from: Instant.optional().describe('Times after this; now unless said.'),
    }),
    replies: { 200: SchedulePreview },
    problems: [ScheduleMissing],
  }),
  validate: endpoint({
    method: 'POST',
    path: '/scheduler/validate',
    operationId: 'validateTrigger',
    changes: 'nothing',
    summary: 'Tell what a trigger means and when it fires next',
    description:
      'Stores nothing. A trigger that is not valid is answered too: `errors` says what is wrong with each member.',
    tags: ['scheduler'],
    scopes: ['schedules:read'],
    body: TriggerToCheck,
    replies: { 200: TriggerCheck },
    problems: [],
  }),
}
