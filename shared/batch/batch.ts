// Batches: many things done in one request, at once or as an operation that goes on.
import type { Principal, Scope } from '../auth/contract.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import type { Catalog } from '../catalog/kind.ts'
import { refuseEvents } from '../inbound/publish.ts'
import type { React } from '../inbound/react.ts'
import { DELAY_MAX_MS } from '../jobs/change-many.ts'
import { createFind } from '../jobs/find.ts'
import { createGone } from '../jobs/gone.ts'
import { createLookMany } from '../jobs/look-many.ts'
import { isDone } from '../jobs/many.ts'
import { hashId, makeId } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { isProblem } from '../kernel/problem.ts'
import { ValidationFailed } from '../kernel/problems.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import type { Operations } from '../operations/operations.ts'
import type { Operation } from '../operations/words.ts'
import { createEventLog } from '../stream/log.ts'
import { AT_ONCE_MAX, NotAttempted } from './contract.ts'
import type { BatchAnswer, BatchRequest } from './contract.ts'
import { performItems, resultOf } from './perform.ts'
import type { BatchItem, Performed } from './perform.ts'
import { SCOPE_OF, TRIGGERABLE, eventOf } from './verbs.ts'
import type { Performing } from './verbs.ts'
import type { BatchOp } from './words.ts'

export interface BatchSending {
  readonly idempotencyKey?: string | undefined
  /** How often what led to this went through k1n before. */
  readonly hop: number
}

export interface Batch {
  /** Performs up to a hundred, each with a result of its own. Problems: `validation-failed`, `reserved-event-name`,
   *  `too-many-hops`; those of Redis when nothing could be done. */
  perform(principal: Principal, request: BatchRequest, sending: BatchSending): Promise<BatchAnswer>
  /** Performs up to five thousand as an operation. Problems: those of a request that is not valid. */
  start(principal: Principal, request: BatchRequest, sending: BatchSending): Promise<Operation>
}

/** What batches are performed with, by the API at once and by the workers later. */
export const createPerforming = (kernel: Kernel, bull: Bull, catalog: Catalog, react: React): Performing => {
  const gone = createGone(kernel)
  const find = createFind(kernel, bull, gone)
  return {
    steering: { kernel, bull, catalog, gone, log: createEventLog(kernel) },
    look: createLookMany({ bull, gone, find }),
    react,
  }
}

export interface BatchNeeds {
  performing: Performing
  operations: Pick<Operations, 'start'>
}

export const createBatch = (kernel: Kernel, { performing, operations }: BatchNeeds): Batch => {
  const perform: Batch['perform'] = async (principal, request, { idempotencyKey, hop }) => {
    const { operations: ops, mode, dry_run: dryRun } = request
    if (ops.length > AT_ONCE_MAX && !dryRun) throw tooMany(ops.length)
    refuseMistaken(kernel, principal, ops, hop)
    const mark =
      idempotencyKey === undefined ? makeId('b', kernel.clock.now()) : `b_${hashId(32, principal.id, idempotencyKey)}`
    const items = itemsOf(principal, ops)
    const asker = { id: principal.id, name: principal.name, queues: principal.queues }
    const how = { asker, actor: principal.name, mark, dryRun, hop, mode, strict: false }
    const performed = await performItems(performing, items, how)
    refuseUnavailable(performed)
    if (!dryRun) await tell(performing, performed)
    return answerOf(performed)
  }
  return {
    perform: (...args) => guardRedis(perform(...args)),
    async start(principal, { operations: ops, mode }, { idempotencyKey, hop }) {
      refuseMistaken(kernel, principal, ops, hop)
      const items = inTurns(itemsOf(principal, ops))
      const counts = Object.groupBy(ops, ({ op }) => op)
      const operationsOf = Object.fromEntries(Object.entries(counts).map(([op, some]) => [op, some.length]))
      const params = { mode, hop, operations: operationsOf }
      return operations.start(principal, { kind: 'batch', params, items, idempotencyKey })
    },
  }
}

const tooMany = (count: number): Error =>
  ValidationFailed(`${count} operations are too many to answer at once.`, {
    errors: [
      {
        pointer: '#/operations',
        code: 'too_big',
        detail: `must be at most ${AT_ONCE_MAX}; send \`Prefer: respond-async\` to have up to 5,000 done`,
      },
    ],
  })

/** What the schema cannot tell: a time too far away, and of events a name that is k1n's own, or too much data. */
const refuseMistaken = (kernel: Kernel, principal: Principal, ops: readonly BatchOp[], hop: number): void => {
  const latest = kernel.clock.now() + DELAY_MAX_MS
  const errors = ops.flatMap((op, index) =>
    op.op === 'set_delay' && op.run_at !== undefined && Date.parse(op.run_at) > latest
      ? [{ pointer: `#/operations/${index}/run_at`, code: 'too_big', detail: 'must be within a year from now' }]
      : [],
  )
  if (errors.length > 0) throw ValidationFailed('The operations are not valid; none was done.', { errors })
  const events = ops.flatMap((op, index) => (op.op === 'trigger' ? [{ op, index }] : []))
  if (events.length === 0) return
  const inputs = events.map(({ op }) => eventOf(op))
  refuseEvents(kernel, principal, inputs, { hop, own: TRIGGERABLE }, (n) => ['operations', String(events[n]?.index)])
}

const itemsOf = ({ scopes }: Principal, ops: readonly BatchOp[]): BatchItem[] =>
  ops.map((op, index) => {
    const scope: Scope = SCOPE_OF[op.op]
    return { index, op, ...(scopes.includes(scope) ? {} : { lacks: scope }) }
  })

/** Tells operations on one thing apart wherever they are performed. */
const inTurns = (items: readonly BatchItem[]): BatchItem[] => {
  const seen = new Map<string, number>()
  return items.map((item) => {
    const { op } = item
    const name = 'task_id' in op ? op.task_id : 'dlq_id' in op ? op.dlq_id : undefined
    if (name === undefined) return item
    const turn = seen.get(name) ?? 0
    seen.set(name, turn + 1)
    return turn === 0 ? item : { ...item, turn }
  })
}

/** Where nothing could be done, the request as a whole was not, and may be sent again with its key. */
const refuseUnavailable = (performed: readonly Performed[]): void => {
  const problems = performed.map(({ came }) => came).filter(isProblem)
  const tried = problems.filter(({ code }) => code !== NotAttempted.code)
  const [first] = tried
  if (first && problems.length === performed.length && tried.every(({ kind }) => kind === 'unavailable')) throw first
}

const tell = async ({ steering: { log } }: Performing, performed: readonly Performed[]): Promise<void> => {
  const facts = performed.flatMap(({ came }) => (isDone(came) ? (came.facts ?? []) : []))
  if (facts.length > 0) await log.append(facts)
}

const answerOf = (performed: readonly Performed[]): BatchAnswer => {
  const succeeded = performed.filter(({ came }) => isDone(came)).length
  const skipped = performed.filter(({ came }) => isProblem(came) && came.code === NotAttempted.code).length
  const total = performed.length
  return {
    results: performed.map(resultOf),
    summary: { total, succeeded, failed: total - succeeded - skipped, skipped },
  }
}
