// Words of triage: dead letters of one cause as one group, what people decide about it, and the figures of the inbox.
import { z } from 'zod'
import { endpoint } from '../kernel/endpoint.ts'
import { event } from '../kernel/event.ts'
import { PreconditionFailed } from '../kernel/problems.ts'
import { listOf, many, pageQuery } from '../kernel/page.ts'
import { problem } from '../kernel/problem.ts'
import { DeathReason, GroupId } from '../dlq/words.ts'
import { Instant, QueueName, cleanText } from '../jobs/words.ts'

export const DlqGroupMissing = problem('dlq-group-not-found', 'missing', 'There is no such group of dead letters.')

export const DlqGroupState = z
  .enum(['new', 'ongoing', 'ignored', 'resolved', 'regressed'])
  .meta({ id: 'DlqGroupState' })

export const IgnoreUntil = z
  .object({
    at: Instant.nullable().describe('Until this moment.'),
    per_hour: z.int().nullable().describe('Until more than so many die within an hour.'),
    count: z.int().nullable().describe('Until so many more have died.'),
  })
  .meta({ id: 'IgnoreUntil' })

export const DlqGroup = z
  .object({
    id: GroupId,
    title: z.string().describe('The error message without what differs from one to the next.'),
    state: DlqGroupState,
    state_since: Instant.nullable().describe('When somebody or something last changed the state.'),
    ignore_until: IgnoreUntil.nullable(),
    assignee: z.string().nullable(),
    note: z.string().nullable(),
    first_seen: Instant,
    last_seen: Instant,
    open: z.int().describe('Dead letters that lie there now.'),
    total: z.int().describe('Deaths that were ever counted.'),
    last_hour: z.int(),
    growing: z.boolean().describe('More died in the last hour than in twice a usual one of the day before.'),
    trend: z.array(z.int()).length(24).describe('Deaths by hour, oldest first; the last hour is the running one.'),
    queues: z.array(z.object({ queue: z.string(), open: z.int() })).max(50),
    names: z.array(z.string()).max(20).describe('Names of jobs.'),
    error_names: z.array(z.string()).max(20),
    versions: z.array(z.string()).max(20).describe('Versions of the workers they died under, the newest last.'),
    fingerprints: z.array(z.string()).max(50).describe('More than one where groups were merged.'),
    sample: z.object({ dlq_id: z.string(), task_id: z.string() }).describe('One of them: the newest that was seen.'),
    version: z.int().describe('Goes up when somebody decides something; for `If-Match`.'),
  })
  .meta({ id: 'DlqGroup' })
export type DlqGroup = z.output<typeof DlqGroup>

export const DlqGroupDetail = DlqGroup.extend({
  minutes: z
    .array(z.object({ at: Instant, count: z.int() }))
    .max(1_440)
    .describe('Deaths by minute of the last 24 hours, oldest first, without minutes in which none died.'),
}).meta({ id: 'DlqGroupDetail' })
export type DlqGroupDetail = z.output<typeof DlqGroupDetail>

export const DlqGroupQuery = z.strictObject({
  ...pageQuery,
  state: many(DlqGroupState),
  queue: many(QueueName),
  name: many(cleanText(1, 128)),
  assignee: cleanText(1, 128).optional(),
  q: cleanText(1, 200).optional().describe('Part of the title or of the name of the error.'),
  open: z
    .enum(['true', 'false'])
    .optional()
    .describe('Only groups with dead letters that lie there now, or only those without.'),
  sort: z
    .enum(['urgency', '-open', '-total', '-last_seen', '-first_seen'])
    .default('urgency')
    .describe('`urgency`: new and regressed groups first, then growing ones, then by how many died in the last hour.'),
})

const IgnoreRule = z
  .strictObject({
    at: z.iso.datetime({ offset: true }).optional(),
    per_hour: z.int().min(0).max(1_000_000).optional(),
    count: z.int().min(1).max(1_000_000_000).optional(),
  })
  .describe('Whatever comes first ends it; without any it lasts until somebody ends it.')

const decision = {
  state: z.enum(['ongoing', 'ignored', 'resolved']).optional(),
  ignore_until: IgnoreRule.optional().describe('Only with the state `ignored`.'),
  assignee: cleanText(1, 128).nullable().optional(),
  note: cleanText(1, 2_000).nullable().optional(),
}
const onlyIgnored = ({ state, ignore_until }: { state?: unknown; ignore_until?: unknown }): boolean =>
  ignore_until === undefined || state === 'ignored'
const ONLY_IGNORED = { path: ['ignore_until'], message: 'belongs to the state `ignored`' }

export const GroupDecision = z.strictObject(decision).refine(onlyIgnored, ONLY_IGNORED)
export type GroupDecision = z.output<typeof GroupDecision>

export const GroupsDecision = z
  .strictObject({ group_ids: z.array(GroupId).min(1).max(100), ...decision })
  .refine(onlyIgnored, ONLY_IGNORED)
export type GroupsDecision = z.output<typeof GroupsDecision>

export const GroupSplit = z
  .strictObject({
    fingerprint: z.array(GroupId).min(1).max(50).optional(),
    queue: z.array(QueueName).min(1).max(50).optional(),
    name: z.array(cleanText(1, 128)).min(1).max(20).optional(),
    error_name: z.array(cleanText(1, 128)).min(1).max(20).optional(),
  })
  .refine((by) => Object.values(by).some((value) => value !== undefined), 'must say what is split off')
export type GroupSplit = z.output<typeof GroupSplit>

const params = z.object({ group_id: GroupId })
const base = { tags: ['error-recovery'] } as const

/** A window such as `5m` or `24h`, at most a day. */
export const Window = z
  .string()
  .regex(/^(?:[1-9]\d{0,3}m|[1-9]\d?h)$/, 'must be a number of minutes or hours such as 5m or 24h')
  .refine((text) => minutesOf(text) <= 1_440, 'must not be longer than 24h')
const minutesOf = (text: string): number => Number.parseInt(text, 10) * (text.endsWith('h') ? 60 : 1)

export const DlqMetrics = z
  .object({
    window_s: z.int(),
    depth: z.int().describe('Dead letters that lie there now.'),
    added: z.int().describe('Jobs that died within the window.'),
    resubmitted: z.int(),
    discarded: z.int().describe('Dead letters removed within the window, by anybody.'),
    oldest_age_s: z.number().nullable(),
    by_queue: z.array(
      z.object({
        queue: z.string(),
        depth: z.int(),
        added: z.int(),
        resubmitted: z.int(),
        discarded: z.int(),
        oldest_age_s: z.number().nullable(),
      }),
    ),
    by_reason: z.array(z.object({ reason: DeathReason, depth: z.int() })),
    age: z
      .array(
        z.object({
          from_s: z.int(),
          to_s: z.int().nullable(),
          count: z.int(),
          by_state: z
            .object({ new: z.int(), ongoing: z.int(), ignored: z.int(), resolved: z.int(), regressed: z.int() })
            .describe('By the state of their groups, as far as they are in the index.'),
        }),
      )
      .describe('How long they have lain there: under an hour, 6 hours, a day, 7 days, longer.'),
    trend: z
      .array(z.object({ at: Instant, added: z.int(), left: z.int() }))
      .max(120)
      .describe('The window in equal steps, oldest first.'),
    index: z
      .object({ usable: z.boolean(), done: z.int(), total: z.int() })
      .describe(
        'Whether all dead letters are in the index that groups and searches are answered from, and how many are.',
      ),
  })
  .meta({ id: 'DlqMetrics' })
export type DlqMetrics = z.output<typeof DlqMetrics>

export const triage = {
  list: endpoint({
    ...base,
    method: 'GET',
    path: '/error-recovery/dlq/groups',
    aliases: ['/dlq/groups'],
    operationId: 'listDlqGroups',
    summary: 'List dead letters in groups of one cause',
    scopes: ['recovery:read'],
    query: DlqGroupQuery,
    replies: { 200: listOf(DlqGroup).meta({ id: 'DlqGroupList' }) },
    problems: [],
  }),
  show: endpoint({
    ...base,
    method: 'GET',
    path: '/error-recovery/dlq/groups/:group_id',
    aliases: ['/dlq/groups/:group_id'],
    operationId: 'getDlqGroup',
    summary: 'Show one group, with its deaths by minute',
    scopes: ['recovery:read'],
    params,
    replies: { 200: DlqGroupDetail },
    problems: [DlqGroupMissing],
  }),
  decide: endpoint({
    ...base,
    method: 'PATCH',
    path: '/error-recovery/dlq/groups/:group_id',
    aliases: ['/dlq/groups/:group_id'],
    operationId: 'updateDlqGroup',
    changes: { kind: 'dead_letter_group', id: 'group_id', shownBy: 'getDlqGroup' },
    summary: 'Resolve, ignore or assign a group, or note something about it',
    description:
      'Without `If-Match` the last change wins. A resolved group becomes `regressed` when it dies under a version that it had not died under before, or where versions are not told.',
    scopes: ['recovery:write'],
    params,
    body: GroupDecision,
    replies: { 200: DlqGroup },
    problems: [DlqGroupMissing, PreconditionFailed],
  }),
  decideMany: endpoint({
    ...base,
    method: 'POST',
    path: '/error-recovery/dlq/groups/actions/update',
    aliases: ['/dlq/groups/actions/update'],
    operationId: 'updateDlqGroups',
    changes: { kind: 'dead_letter_group', id: null, asked: true },
    summary: 'Decide the same about many groups',
    scopes: ['recovery:write'],
    body: GroupsDecision,
    replies: { 200: z.object({ data: z.array(DlqGroup) }).meta({ id: 'DlqGroups' }) },
    problems: [DlqGroupMissing],
  }),
  merge: endpoint({
    ...base,
    method: 'POST',
    path: '/error-recovery/dlq/groups/:group_id/merge',
    aliases: ['/dlq/groups/:group_id/merge'],
    operationId: 'mergeDlqGroup',
    changes: { kind: 'dead_letter_group', id: 'group_id', shownBy: 'getDlqGroup' },
    summary: 'Make a group part of another one',
    description: 'What dies of its causes later belongs to the other group too. `split` by fingerprint undoes it.',
    scopes: ['recovery:write'],
    params,
    body: z.strictObject({ into: GroupId }),
    replies: { 200: DlqGroup },
    problems: [DlqGroupMissing],
  }),
  split: endpoint({
    ...base,
    method: 'POST',
    path: '/error-recovery/dlq/groups/:group_id/split',
    aliases: ['/dlq/groups/:group_id/split'],
    operationId: 'splitDlqGroup',
    changes: { kind: 'dead_letter_group', id: 'group_id', shownBy: 'getDlqGroup' },
    summary: 'Take parts out of a group',
    description:
      'What fits all members is taken out. Fingerprints that were merged in become groups of their own again; what died of the group’s own fingerprint becomes a group of its own in each queue.',
    scopes: ['recovery:write'],
    params,
    body: GroupSplit,
    replies: { 200: z.object({ data: z.array(DlqGroup) }).meta({ id: 'DlqGroupsSplit' }) },
    problems: [DlqGroupMissing],
  }),
  metrics: endpoint({
    method: 'GET',
    path: '/metrics/dlq',
    operationId: 'getDlqMetrics',
    summary: 'Figures of dead letters: depth, ages, what came and went',
    tags: ['metrics'],
    scopes: ['metrics:read'],
    query: z.strictObject({ window: Window.default('5m'), queue: many(QueueName) }),
    replies: { 200: DlqMetrics },
    problems: [],
  }),
}

export const DlqGroupChanged = event(
  'error_recovery.dlq_group_changed',
  'dlq:group-changed',
  'A group of dead letters appeared, came back, or was decided about.',
  z.object({
    group_id: z.string(),
    title: z.string(),
    queue: z.string().describe('One of the queues it died in.'),
    before: DlqGroupState.nullable().describe('Null for one that appeared.'),
    state: DlqGroupState,
    reason: z.enum([
      'appeared',
      'regressed',
      'ignored_until',
      'ignored_count',
      'ignored_rate',
      'decided',
      'merged',
      'split',
    ]),
    actor: z.string().nullable().describe('Who did it; null for k1n itself.'),
  }),
)
