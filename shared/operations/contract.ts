// Words of operations: long work that can be watched, paused, paced, cancelled and, where its kind can, taken back.
import { z } from 'zod'
import { endpoint } from '../kernel/endpoint.ts'
import { event } from '../kernel/event.ts'
import { listOf, many, pageQuery } from '../kernel/page.ts'
import { problem } from '../kernel/problem.ts'
import { BatchResult } from '../batch/words.ts'
import { Instant, cleanText } from '../jobs/words.ts'
import { Operation, OperationFates, OperationId, OperationProgress, OperationStatus, PacePerS } from './words.ts'

export const OperationMissing = problem('operation-not-found', 'missing', 'There is no such operation.')
export const OperationExpired = problem('operation-expired', 'missing', 'The operation ended too long ago.', 410)
export const OperationFinished = problem('operation-finished', 'conflict', 'The operation has ended.')
export const OperationNotUndoable = problem(
  'operation-not-undoable',
  'conflict',
  'The operation cannot be taken back, or not any more.',
)

export const OperationResult = z
  .object({
    item: z.string().describe('What it was about, such as the id of a dead letter.'),
    outcome: z.enum(['done', 'failed', 'skipped']).describe('`done` is told by batches only.'),
    reason: z.string().describe('Empty for what was done.'),
    at: Instant,
    result: BatchResult.optional().describe('Of a batch: what the item would have been answered at once.'),
  })
  .meta({ id: 'OperationResult' })
export type OperationResult = z.output<typeof OperationResult>

const params = z.object({ operation_id: OperationId })
const steering = {
  tags: ['operations'],
  scopes: ['operations:write'],
  params,
  replies: { 202: Operation },
} as const

export const operations = {
  list: endpoint({
    method: 'GET',
    path: '/operations',
    operationId: 'listOperations',
    summary: 'List operations, newest first',
    tags: ['operations'],
    scopes: ['operations:read'],
    query: z.strictObject({ ...pageQuery, status: many(OperationStatus), kind: many(cleanText(1, 100)) }),
    replies: { 200: listOf(Operation).meta({ id: 'OperationList' }) },
    problems: [],
  }),
  show: endpoint({
    method: 'GET',
    path: '/operations/:operation_id',
    operationId: 'getOperation',
    summary: 'Show one operation; `Retry-After` says that it goes on',
    tags: ['operations'],
    scopes: ['operations:read'],
    params,
    replies: { 200: Operation },
    problems: [OperationMissing, OperationExpired],
  }),
  results: endpoint({
    method: 'GET',
    path: '/operations/:operation_id/results',
    operationId: 'listOperationResults',
    summary: 'List the items that failed or were skipped, the first 1,000 of them; of a batch all items',
    tags: ['operations'],
    scopes: ['operations:read'],
    params,
    query: z.strictObject(pageQuery),
    replies: { 200: listOf(OperationResult).meta({ id: 'OperationResultList' }) },
    problems: [OperationMissing, OperationExpired],
  }),
  fates: endpoint({
    method: 'GET',
    path: '/operations/:operation_id/fates',
    operationId: 'getOperationFates',
    summary: 'Show how the items fare by now: which came through, and which failed again',
    tags: ['operations'],
    scopes: ['operations:read'],
    params,
    replies: { 200: OperationFates },
    problems: [OperationMissing, OperationExpired],
  }),
  cancel: endpoint({
    ...steering,
    method: 'POST',
    path: '/operations/:operation_id/cancel',
    operationId: 'cancelOperation',
    changes: { kind: 'operation', id: 'operation_id', shownBy: 'getOperation' },
    summary: 'Leave the rest undone; what is done stays done',
    problems: [OperationMissing, OperationExpired, OperationFinished],
  }),
  pause: endpoint({
    ...steering,
    method: 'POST',
    path: '/operations/:operation_id/pause',
    operationId: 'pauseOperation',
    changes: { kind: 'operation', id: 'operation_id', shownBy: 'getOperation' },
    summary: 'Stop where it is, within a second',
    problems: [OperationMissing, OperationExpired, OperationFinished],
  }),
  resume: endpoint({
    ...steering,
    method: 'POST',
    path: '/operations/:operation_id/resume',
    operationId: 'resumeOperation',
    changes: { kind: 'operation', id: 'operation_id', shownBy: 'getOperation', adds: 'again' },
    summary: 'Go on where it stopped',
    problems: [OperationMissing, OperationExpired, OperationFinished],
  }),
  pace: endpoint({
    ...steering,
    method: 'POST',
    path: '/operations/:operation_id/pace',
    operationId: 'paceOperation',
    changes: { kind: 'operation', id: 'operation_id', shownBy: 'getOperation' },
    summary: 'Change how fast it goes, within a second',
    body: z.strictObject({ per_s: PacePerS.nullable().describe('Null: as fast as it can.') }),
    problems: [OperationMissing, OperationExpired, OperationFinished],
  }),
  undo: endpoint({
    ...steering,
    method: 'POST',
    path: '/operations/:operation_id/undo',
    operationId: 'undoOperation',
    changes: { kind: 'operation', id: 'operation_id', shownBy: 'getOperation', adds: 'new' },
    summary: 'Take back what an operation did, as an operation of its own',
    problems: [OperationMissing, OperationExpired, OperationNotUndoable],
  }),
}

const Told = z.object({
  operation_id: z.string(),
  kind: z.string(),
  status: OperationStatus,
  reason: z.string().nullable().describe('Why it paused by itself, failed or was cancelled.'),
  progress: OperationProgress,
})

export const OperationProgressed = event(
  'operation.progress',
  'operation:progress',
  'How far an operation is, when that changed and at most twice a second, and when it pauses.',
  Told,
)
export const OperationEnded = event('operation.finished', 'operation:finished', 'An operation has ended.', Told)
