// Words of the audit: who changed what, when, and how it was before and after.
import { z } from 'zod'
import { Instant, cleanText } from '../jobs/words.ts'
import { endpoint } from '../kernel/endpoint.ts'
import { listOf, many, pageQuery } from '../kernel/page.ts'
import { InvalidCursor } from '../kernel/problems.ts'

export const AuditActor = z
  .object({
    kind: z
      .enum(['key', 'session', 'system', 'anonymous'])
      .describe('`session` is the dashboard, `system` k1n itself, `anonymous` a webhook of another service.'),
    id: z.string().describe('The id of the key, also of the one that a session was opened with.'),
    name: z.string(),
  })
  .meta({ id: 'AuditActor' })
export type AuditActor = z.output<typeof AuditActor>

const Shown = z.record(z.string(), z.unknown()).nullable()

export const AuditEntry = z
  .object({
    id: z.string(),
    at: Instant.describe('When the change began.'),
    actor: AuditActor,
    action: z.string().describe('The `operationId` of the request, or the name of what k1n did by itself.'),
    target: z.object({
      kind: z.string(),
      id: z.string().nullable().describe('Null for a request about many.'),
    }),
    before: Shown.describe(
      'How it was; beside `after` only members that differ. Null for what was not there or was not looked at. Secrets and payloads are left out.',
    ),
    after: Shown.describe('How it is since, or what was answered. Null for what is gone.'),
    reason: z.string().nullable().describe('As the request says it.'),
    request_id: z.string().nullable(),
    ip: z.string().nullable(),
    outcome: z
      .enum(['done', 'unknown'])
      .describe('`unknown`: it may have been done or not, as Redis or the process went away in the middle.'),
  })
  .meta({ id: 'AuditEntry' })
export type AuditEntry = z.output<typeof AuditEntry>

export const AuditQuery = z.strictObject({
  ...pageQuery,
  log: z
    .enum(['changes', 'work'])
    .default('changes')
    .describe('`work` is jobs, events and files that were handed in, which are kept apart.'),
  actor: many(cleanText(1, 100)).describe('Ids of keys; `system` is k1n itself.'),
  action: many(cleanText(1, 100)),
  kind: many(cleanText(1, 50)).describe('Kinds of targets, such as `schedule`.'),
  target: cleanText(1, 1_100).optional().describe('The id of a target.'),
  from: Instant.optional().describe('Ended then or later.'),
  to: Instant.optional().describe('Ended before.'),
})
export type AuditQuery = z.output<typeof AuditQuery>

export const audit = {
  list: endpoint({
    method: 'GET',
    path: '/audit',
    operationId: 'listAudit',
    summary: 'List who changed what, newest first',
    description: 'At most 1,000 entries are looked at in one call; `searched` says whether that was all.',
    tags: ['audit'],
    scopes: ['audit:read'],
    query: AuditQuery,
    replies: { 200: listOf(AuditEntry).meta({ id: 'AuditList' }) },
    problems: [InvalidCursor],
  }),
}
