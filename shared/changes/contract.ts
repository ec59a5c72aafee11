// Words of what changed since somebody last looked: one section for each kind of change, and the endpoint.
import { z } from 'zod'
import { Alert } from '../alerts/contract.ts'
import { BreakerState } from '../breakers/words.ts'
import { Instant } from '../jobs/words.ts'
import { endpoint } from '../kernel/endpoint.ts'
import { InvalidParameter } from '../kernel/problems.ts'
import { Operation } from '../operations/words.ts'
import { SkipReason } from '../schedules/run-words.ts'
import { Annotation } from '../timeline/contract.ts'
import { DlqGroup } from '../triage/contract.ts'

/** Sections in the order in which they matter to somebody who comes back. */
export const SECTIONS = [
  'alerts',
  'dead_letters',
  'breakers',
  'slow_downs',
  'schedules',
  'settings',
  'operations',
  'notes',
] as const
export type SectionName = (typeof SECTIONS)[number]

/** Changes of each kind in one answer. */
export const TOLD_MAX = 200

const by = z.string().nullable().describe('Who did it, where the audit tells it and the caller may read that.')
const reason = z.string().nullable().describe('What they said.')

export const AlertChange = z
  .object({
    at: Instant,
    change: z.enum(['fired', 'resolved']).describe('`resolved` also for one that fired and ended within the time.'),
    alert: Alert.pick({
      ...{ id: true, rule_id: true, state: true, severity: true, title: true, subject: true, worst: true, unit: true },
      ...{ fired_at: true, resolved_at: true, acknowledged: true, silence: true },
    }),
  })
  .meta({ id: 'AlertChange' })
export type AlertChange = z.output<typeof AlertChange>

export const DeadLetterChange = z
  .object({
    at: Instant,
    change: z
      .enum(['appeared', 'regressed', 'ongoing', 'ignored', 'resolved'])
      .describe('What became of the cause last; `ongoing`: somebody took it up, or it is ignored no more.'),
    appeared: z.boolean().describe('It was never seen before this time.'),
    group: DlqGroup.pick({
      ...{ id: true, title: true, state: true, open: true, total: true, growing: true, assignee: true, note: true },
      ...{ first_seen: true, last_seen: true },
    }),
    queues: z.array(z.string()).max(5).describe('Where it died, those with most dead letters.'),
    by,
    reason,
  })
  .meta({ id: 'DeadLetterChange' })
export type DeadLetterChange = z.output<typeof DeadLetterChange>

export const BreakerChange = z
  .object({
    at: Instant.describe('When it came into the state it had at the end.'),
    service: z.string(),
    before: BreakerState.describe('Its state when the time began.'),
    state: BreakerState.describe('Its state at the end.'),
    opened: z.int().describe('How often it opened, by itself or by hand.'),
    held_ms: z.number().describe('For how long it let no or few calls through.'),
    by,
    reason,
  })
  .meta({ id: 'BreakerChange' })
export type BreakerChange = z.output<typeof BreakerChange>

export const SlowDown = z
  .object({
    queue: z.string(),
    name: z.string(),
    p95_ms: z.number().describe('95 of 100 runs took no longer.'),
    before_ms: z.number().describe('The same before, as far back as it is counted.'),
    runs: z.int().describe('Runs that `p95_ms` comes from.'),
  })
  .meta({ id: 'SlowDown' })
export type SlowDown = z.output<typeof SlowDown>

export const ScheduleChange = z
  .object({
    at: Instant,
    change: z
      .enum(['missed', 'orphaned', 'paused'])
      .describe('`missed`: slots that nobody carried out; `orphaned`: code declares it no more.'),
    schedule_id: z.string(),
    name: z.string().nullable(),
    until: Instant.nullable().describe('When a pause ends by itself.'),
    slots: z.int().nullable().describe('How many were missed.'),
    why: SkipReason.nullable().describe('Of the last one that was missed.'),
    by,
    reason,
  })
  .meta({ id: 'ScheduleChange' })
export type ScheduleChange = z.output<typeof ScheduleChange>

/** Members of a setting that one line tells. */
export const MEMBERS_MAX = 4
const Told = z.string().nullable().describe('At most 80 characters of it.')
export const SettingChange = z
  .object({
    id: z.string().describe('Of the entry in the audit.'),
    at: Instant,
    action: z.string().describe('The `operationId` of the request, or the name of what k1n did by itself.'),
    target: z.object({ kind: z.string(), id: z.string().nullable() }),
    by: z.string(),
    reason,
    members: z
      .array(z.object({ path: z.string(), before: Told, after: Told }))
      .max(MEMBERS_MAX)
      .describe('What differs, for what was there before and is there since.'),
    more: z.int().describe('Members beside these that differ.'),
    outcome: z.enum(['done', 'unknown']),
  })
  .meta({ id: 'SettingChange' })
export type SettingChange = z.output<typeof SettingChange>

export const OperationChange = Operation.pick({
  ...{ id: true, kind: true, status: true, reason: true, asked_by: true, progress: true, undoes: true },
  ...{ created_at: true, finished_at: true },
}).meta({ id: 'OperationChange' })
export type OperationChange = z.output<typeof OperationChange>

const section = <Item extends z.ZodType>(item: Item, what: string) =>
  z
    .object({
      total: z.int().describe('How many there are; at least so many where `complete` is false.'),
      complete: z.boolean().describe('False where there was more to look through than one call does.'),
      from: Instant.describe(
        'From when on it was looked at: later than `since` where no more is kept, or looked through.',
      ),
      data: z.array(item).max(TOLD_MAX),
    })
    .nullable()
    .describe(`${what} Null where the caller may not see it; see \`left_out\`.`)

export const Changes = z
  .object({
    since: Instant,
    until: Instant,
    alerts: section(AlertChange, 'Alerts that fired or were resolved; those that still fire first.'),
    dead_letters: section(DeadLetterChange, 'Causes of dead letters that appeared, came back or were decided about.'),
    breakers: section(BreakerChange, 'Breakers that are in another state, or were; those that are not closed first.'),
    slow_downs: section(SlowDown, 'Jobs by name that take at least half as long again as before, the worst first.'),
    schedules: section(ScheduleChange, 'Schedules that missed slots, lost their declaration, or were paused.'),
    settings: section(SettingChange, 'Settings that were changed, by whom and why, newest first.'),
    operations: section(OperationChange, 'Operations that ended; those that did not succeed first.'),
    notes: section(Annotation, 'Notes that people put on the timeline, newest first.'),
    left_out: z
      .array(z.object({ section: z.enum(SECTIONS), needs: z.string() }))
      .describe('Sections the caller may not see, and the scope it lacks, or `all queues`.'),
  })
  .meta({ id: 'Changes' })
export type Changes = z.output<typeof Changes>

export const changes = {
  list: endpoint({
    method: 'GET',
    path: '/changes',
    operationId: 'listChanges',
    summary: 'What changed since a moment, of everything that concerns somebody who comes back',
    description:
      'Each section tells how many changes there are and how far back it was looked. Keys that may use some queues see what is of these; settings and notes tell of all queues and are for those who may see every one.',
    tags: ['timeline'],
    scopes: ['jobs:read'],
    cost: 5,
    query: z.strictObject({
      since: z.iso
        .datetime({ offset: true })
        .optional()
        .describe('Eight hours before `until` unless given; what is more than 31 days ago is told from then on.'),
      until: z.iso
        .datetime({ offset: true })
        .optional()
        .describe(
          'Now unless given, and not later. Of a time that ended more than 31 days ago nothing is told, and no section is `complete`. Causes of dead letters and pauses are told as they stand now: one that was decided about again later is left out.',
        ),
      limit: z.coerce.number<number>().int().min(1).max(TOLD_MAX).default(50).describe('Changes told of each kind.'),
    }),
    replies: { 200: Changes },
    problems: [InvalidParameter],
  }),
}
