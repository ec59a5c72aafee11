// Words of dead letters: jobs that failed for good, in all queues, as one inbox.
import { z } from 'zod'
import { endpoint, unlessDry } from '../kernel/endpoint.ts'
import type { Adds } from '../kernel/endpoint.ts'
import { event } from '../kernel/event.ts'
import { Searched, listOf, many, pageQuery } from '../kernel/page.ts'
import { problem } from '../kernel/problem.ts'
import { ErrorClass } from '../retries/words.ts'
import { JobMissing } from '../jobs/problems.ts'
import { Instant, JobError, JobState, QueueName, ReasonText, cleanText } from '../jobs/words.ts'
import { Operation, PacePerS, Trial } from '../operations/words.ts'
import { DeathReason, DlqFilter, GroupId, isEmpty } from './words.ts'

export const AlreadyResubmitted = problem('already-resubmitted', 'conflict', 'The dead letter was resubmitted already.')

export const DlqId = z
  .string()
  .regex(/^[^\u0000-\u001f\u007f]{1,800}$/, 'must be a dead letter id')
  .describe('`{queue}:{job id}~{time of death}`; a bare address means the newest death.')

export const DlqEntry = z
  .object({
    id: z.string(),
    task_id: z.string(),
    queue: z.string(),
    name: z.string(),
    reason: DeathReason,
    error: JobError,
    attempts_made: z.int(),
    added_at: Instant,
    created_at: Instant,
    status: z.enum(['open', 'resubmitted']),
    group: z.string().nullable().describe('Its group; null until the recorder has seen it.'),
    version: z.string().nullable().describe('Version of the worker it died under; null where nobody told.'),
    note: z.string().nullable(),
    tags: z.array(z.string()),
    data: z.unknown().optional().describe('Only on one entry, with the scope `jobs:data`.'),
  })
  .meta({ id: 'DlqEntry' })
export type DlqEntry = z.output<typeof DlqEntry>

/** A path into the payload and the value there, such as `customer.id=42`. */
const DataTest = z
  .string()
  .regex(/^[^=]{1,200}=.{0,500}$/s, 'must be a path and a value such as customer.id=42')
  .describe('A path into the payload and the value there: `customer.id=42`. Needs the scope `jobs:data`.')

export const DlqQuery = z.strictObject({
  ...pageQuery,
  queue: many(QueueName),
  name: many(cleanText(1, 128)),
  error_class: many(ErrorClass),
  error_name: many(cleanText(1, 128)),
  group: many(GroupId),
  version: many(cleanText(1, 64)),
  data: many(DataTest),
  q: DlqFilter.shape.q,
  from: DlqFilter.shape.from,
  to: DlqFilter.shape.to,
})

/** What was looked at for a page. Filters by queue, name, error, group, version and time are answered from the index. */
export const DlqSearched = Searched.extend({
  titles: z.int().describe('Groups whose titles were searched for `q`; those that hold it come first, all of them.'),
  indexed: z
    .boolean()
    .describe(
      'False where the index of a queue is still being made, or more causes fit than are asked at once: dead letters were looked at.',
    ),
}).meta({ id: 'DlqSearched' })
export type DlqSearched = z.output<typeof DlqSearched>

export const EntryChange = z.strictObject({
  note: cleanText(1, 2_000).nullable().optional(),
  tags: z.array(cleanText(1, 64)).max(20).optional().describe('In place of those of the job.'),
})
export type EntryChange = z.output<typeof EntryChange>

export const ResubmitRequest = z.strictObject({
  queue: QueueName.optional().describe('Another queue; the same one revives the same job.'),
  data_patch: z.record(z.string(), z.unknown()).optional().describe('A JSON merge patch (RFC 7396) for the payload.'),
  reset_attempts: z.boolean().default(true),
  delay_ms: z.int().min(0).max(2_592_000_000).default(0),
  reason: ReasonText.optional(),
})

export const Resubmitted = z
  .object({ dlq_id: z.string(), task_id: z.string(), queue: z.string(), state: JobState })
  .meta({ id: 'Resubmitted' })

/** Work on all that match. Leaving the filter empty by mistake must not mean all. */
const bulk = {
  filter: DlqFilter,
  limit: z.int().min(1).max(100_000).default(100_000).describe('The oldest so many of those that match.'),
  reason: ReasonText.optional(),
}
const request = {
  all: z.literal(true).optional().describe('Needed with an empty filter.'),
  rate_per_s: PacePerS.optional(),
  dry_run: z.boolean().default(false).describe('Only tells what it would be about.'),
}
const saysAll = ({ filter, all }: { filter: DlqFilter; all?: true | undefined }): boolean =>
  all === true || !isEmpty(filter)
const notAll = { path: ['filter'], message: 'is empty; say `"all": true` to mean all dead letters' }

export const BulkResubmitParams = z.strictObject({
  ...bulk,
  ladder: Trial.nullable().prefault({}).describe('Small steps first, then the rest; null for all at once.'),
  stop_if_failed_again: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .default(0.5)
    .describe(
      'Pauses when more than this share of those it looks at died of the same cause again, or when none came through. Only with a ladder.',
    ),
  queue: ResubmitRequest.shape.queue,
  data_patch: ResubmitRequest.shape.data_patch,
  delay_ms: ResubmitRequest.shape.delay_ms,
  reset_attempts: ResubmitRequest.shape.reset_attempts,
})
export const BulkResubmitRequest = z.strictObject({ ...BulkResubmitParams.shape, ...request }).refine(saysAll, notAll)

export const BulkDiscardParams = z.strictObject(bulk)
export const BulkDiscardRequest = z.strictObject({ ...bulk, ...request }).refine(saysAll, notAll)

export const BulkPreview = z
  .object({
    matched: z.int(),
    complete: z.boolean().describe('False when there may be more; counting stops after two seconds.'),
    sample: z.array(DlqEntry).max(10),
    services: z.array(z.string()).max(100).describe('Services that they call, as far as a hundred of them tell.'),
  })
  .meta({ id: 'DlqBulkPreview' })
export type BulkPreview = z.output<typeof BulkPreview>

/** In another queue it is a new job. */
const addsOf = (body: unknown): Adds =>
  (body as z.output<typeof ResubmitRequest> | undefined)?.queue === undefined ? 'again' : 'new'

export const dlq = {
  list: endpoint({
    method: 'GET',
    path: '/error-recovery/dlq/entries',
    aliases: ['/dlq/entries'],
    operationId: 'listDeadLetters',
    cost: { searching: ['q', 'data'], units: 2 },
    summary: 'List dead letters of all queues, newest first',
    tags: ['error-recovery'],
    scopes: ['recovery:read'],
    query: DlqQuery,
    replies: { 200: listOf(DlqEntry).extend({ searched: DlqSearched }).meta({ id: 'DlqList' }) },
    problems: [],
  }),
  show: endpoint({
    method: 'GET',
    path: '/error-recovery/dlq/entries/:dlq_id',
    aliases: ['/dlq/entries/:dlq_id'],
    operationId: 'getDeadLetter',
    summary: 'Show one dead letter',
    tags: ['error-recovery'],
    scopes: ['recovery:read'],
    params: z.object({ dlq_id: DlqId }),
    replies: { 200: DlqEntry },
    problems: [JobMissing],
  }),
  change: endpoint({
    method: 'PATCH',
    path: '/error-recovery/dlq/entries/:dlq_id',
    aliases: ['/dlq/entries/:dlq_id'],
    operationId: 'updateDeadLetter',
    changes: { kind: 'dead_letter', id: 'dlq_id', shownBy: 'getDeadLetter' },
    summary: 'Note something about a dead letter, or tag it',
    description: 'Note and tags belong to this death; when the job lives again and dies again, that is another entry.',
    tags: ['error-recovery'],
    scopes: ['recovery:write'],
    params: z.object({ dlq_id: DlqId }),
    body: EntryChange,
    replies: { 200: DlqEntry },
    problems: [JobMissing, AlreadyResubmitted],
  }),
  resubmit: endpoint({
    method: 'POST',
    path: '/error-recovery/dlq/:dlq_id/resubmit',
    aliases: ['/dlq/:dlq_id/resubmit'],
    operationId: 'resubmitDeadLetter',
    changes: { kind: 'dead_letter', id: 'dlq_id', shownBy: 'getDeadLetter', adds: addsOf },
    summary: 'Give a dead letter another life',
    tags: ['error-recovery'],
    scopes: ['recovery:write'],
    idempotency: 'optional',
    bodyLimit: 262_144,
    params: z.object({ dlq_id: DlqId }),
    body: ResubmitRequest,
    bodyOptional: true,
    replies: { 202: Resubmitted },
    problems: [JobMissing, AlreadyResubmitted],
  }),
  resubmitMany: endpoint({
    method: 'POST',
    path: '/error-recovery/dlq/resubmit',
    aliases: ['/dlq/resubmit'],
    operationId: 'resubmitDeadLetters',
    changes: { kind: 'operation', id: 'id', asked: true, statuses: [202], adds: unlessDry('new') },
    summary: 'Give all dead letters that match another life, as an operation',
    description:
      'Tries one, then ten, then does the rest, and pauses when too many fail again. `dry_run` answers 200 with what matches.',
    tags: ['error-recovery'],
    scopes: ['recovery:write'],
    idempotency: 'optional',
    bodyLimit: 262_144,
    body: BulkResubmitRequest,
    replies: { 200: BulkPreview, 202: Operation },
    problems: [],
  }),
  purge: endpoint({
    method: 'POST',
    path: '/error-recovery/dlq/purge',
    aliases: ['/dlq/purge'],
    operationId: 'discardDeadLetters',
    changes: { kind: 'operation', id: 'id', asked: true, statuses: [202] },
    summary: 'Discard all dead letters that match, as an operation; it can be undone for ten minutes',
    tags: ['error-recovery'],
    scopes: ['queues:admin'],
    idempotency: 'optional',
    body: BulkDiscardRequest,
    replies: { 200: BulkPreview, 202: Operation },
    problems: [],
  }),
  discard: endpoint({
    method: 'DELETE',
    path: '/error-recovery/dlq/entries/:dlq_id',
    aliases: ['/dlq/entries/:dlq_id'],
    operationId: 'discardDeadLetter',
    changes: { kind: 'dead_letter', id: 'dlq_id', shownBy: 'getDeadLetter' },
    summary: 'Discard a dead letter; it can be restored for ten minutes',
    tags: ['error-recovery'],
    scopes: ['recovery:write'],
    params: z.object({ dlq_id: DlqId }),
    replies: { 204: null },
    problems: [JobMissing, AlreadyResubmitted],
  }),
  restore: endpoint({
    method: 'POST',
    path: '/error-recovery/dlq/entries/:dlq_id/restore',
    aliases: ['/dlq/entries/:dlq_id/restore'],
    operationId: 'restoreDeadLetter',
    changes: { kind: 'dead_letter', id: 'dlq_id', adds: 'again' },
    summary: 'Bring a discarded dead letter back as it was',
    tags: ['error-recovery'],
    scopes: ['recovery:write'],
    params: z.object({ dlq_id: DlqId }),
    replies: { 200: DlqEntry },
    problems: [JobMissing],
  }),
}

export const DlqEntryAdded = event(
  'error_recovery.dlq_entry_added',
  'dlq:entry-added',
  'A job became a dead letter.',
  z.object({
    dlq_id: z.string(),
    task_id: z.string(),
    queue: z.string(),
    name: z.string(),
    reason: DlqEntry.shape.reason,
    error: JobError.omit({ stack: true }),
    attempts: z.int(),
    added_at: Instant,
    group: z.string().nullable().describe('Its group; null when the job is gone already.'),
  }),
)
export const DlqEntryResubmitted = event(
  'error_recovery.dlq_entry_resubmitted',
  'dlq:entry-resubmitted',
  'A dead letter was given another life.',
  z.object({
    dlq_id: z.string(),
    task_id: z.string(),
    new_task_id: z.string().nullable(),
    queue: z.string(),
    actor: z.string(),
  }),
)

const Moved = z.object({ dlq_id: z.string(), task_id: z.string(), queue: z.string(), actor: z.string() })
export const DlqEntryDiscarded = event(
  'error_recovery.dlq_entry_discarded',
  'dlq:entry-discarded',
  'A dead letter was discarded. It can be restored for ten minutes.',
  Moved.extend({ restorable_until: Instant }),
)
export const DlqEntryRestored = event(
  'error_recovery.dlq_entry_restored',
  'dlq:entry-restored',
  'A discarded dead letter was brought back.',
  Moved,
)
export const DlqEntriesExpired = event(
  'error_recovery.dlq_entries_expired',
  'dlq:entries-expired',
  'Dead letters were removed for good: too old, or more than are kept.',
  z.object({ queue: z.string(), count: z.int(), reason: z.enum(['age', 'count', 'bytes']) }),
)
