// The batch: many things done in one request, each with a result of its own.
import { z } from 'zod'
import { ReservedName, TooManyHops } from '../inbound/contract.ts'
import { endpoint } from '../kernel/endpoint.ts'
import type { Adds } from '../kernel/endpoint.ts'
import { problem } from '../kernel/problem.ts'
import { Operation } from '../operations/words.ts'
import { BatchMode, BatchOp, BatchResult } from './words.ts'
import type { OpName } from './words.ts'

/** Operations answered at once, and as an operation that goes on. */
export const AT_ONCE_MAX = 100
export const LATER_MAX = 5_000

export const NotAttempted = problem('not-attempted', 'conflict', 'An operation before this one failed.', 424)

export const BatchRequest = z.strictObject({
  operations: z
    .array(BatchOp)
    .min(1)
    .max(LATER_MAX)
    .describe('At most 100; up to 5,000 with `Prefer: respond-async` or `dry_run`.'),
  mode: BatchMode.default('independent'),
  dry_run: z.boolean().default(false).describe('Changes nothing and tells what would come of each by itself.'),
})
export type BatchRequest = z.output<typeof BatchRequest>

export const BatchAnswer = z
  .object({
    results: z.array(BatchResult).describe('In the order of the operations.'),
    summary: z.object({
      total: z.int(),
      succeeded: z.int(),
      failed: z.int(),
      skipped: z.int().describe('Left undone because one before failed.'),
    }),
  })
  .meta({ id: 'BatchAnswer' })
export type BatchAnswer = z.output<typeof BatchAnswer>

/** As its operations would alone. */
const addsOf = ({ operations, dry_run }: BatchRequest): Adds | undefined => {
  const has = (...names: OpName[]): boolean => operations.some(({ op }) => names.includes(op))
  if (dry_run) return undefined
  return has('trigger') ? 'new' : has('retry', 'resubmit') ? 'again' : undefined
}

export const batch = {
  perform: endpoint({
    method: 'POST',
    path: '/batch/operations',
    operationId: 'performBatch',
    cost: { items: 'operations', perUnit: 10 },
    changes: { kind: 'batch', id: null, asked: true, adds: (body) => addsOf(body as BatchRequest) },
    summary: 'Do many things at once, each with a result of its own',
    description:
      'One operation that is not valid refuses all of them, by its pointer, before any is done. After that each stands for itself: its result has its own status, and its problem where it failed, while the batch is answered with 200. Beside `batch:write` each operation needs the scope it needs alone: `jobs:manage` for those on jobs, `recovery:write` for `resubmit` and `discard`, `events:write` for `trigger`. With `Prefer: respond-async` the batch goes on as an operation, and `/operations/{operation_id}/results` has the results of all.',
    tags: ['batch'],
    scopes: ['batch:write'],
    idempotency: 'optional',
    bodyLimit: 1_048_576,
    body: BatchRequest,
    replies: { 200: BatchAnswer, 202: Operation },
    problems: [ReservedName, TooManyHops],
  }),
}
