// Operations: long work as a resource. Whoever asks for it gets an id at once, and may watch, pause, pace, cancel and undo it.
import type { Principal } from '../auth/contract.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { hashId, makeId } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Page } from '../kernel/page.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { OperationExpired, OperationFinished, OperationMissing, OperationNotUndoable } from './contract.ts'
import type { OperationResult } from './contract.ts'
import { lookAtFates } from './fates.ts'
import { SLICE_MAX } from './kind.ts'
import type { AnyOperationKind } from './kind.ts'
import { listOperations, listResults } from './list.ts'
import type { OperationsQuery, ResultsQuery } from './list.ts'
import { isOver, present } from './record.ts'
import type { About, OperationRecord } from './record.ts'
import { KEPT_MS, LEASE_MS, createOperationStore } from './store.ts'
import type { Wished } from './store.ts'
import { createHere } from './here.ts'
import { settlementOf } from './tenure.ts'
import { forgetGone, madeAt, wake } from './wake.ts'
import type { Operation, OperationFates } from './words.ts'

export { createRunner } from './run.ts'
export type { RunEnd, Runner } from './run.ts'
export { createWaker } from './wake.ts'
export type * from './kind.ts'

export interface Start {
  /** The name of a kind. */
  kind: string
  params: Record<string, unknown>
  /** Items a second; null for as fast as it can. */
  pace?: number | null
  /** The same key of the same principal makes one operation. */
  idempotencyKey?: string | undefined
  /** All its items, where whoever asks names them; its kind chooses them otherwise. At least one. */
  items?: readonly unknown[] | undefined
}

/** Operations are seen and steered by who asked for them and by those who may see all queues. */
export interface Operations {
  /** Stores the operation and sees to it that it is run. */
  start(principal: Principal, start: Start): Promise<Operation>
  list(principal: Principal, query: OperationsQuery): Promise<Page<Operation>>
  /** Problems: `operation-not-found`, `operation-expired`. */
  show(principal: Principal, id: string): Promise<Operation>
  /** Whether there is one that has not ended, whoever asked for it: for rooms that let one at a time work. */
  isGoingOn(id: string): Promise<boolean>
  /** What failed and what was skipped, in order. */
  results(principal: Principal, id: string, query: ResultsQuery): Promise<Page<OperationResult>>
  /** How what it was done to fares by now, whether it was watched or not. */
  fates(principal: Principal, id: string): Promise<OperationFates>
  /** Each of these is heard within a second. Problem: `operation-finished`. */
  pause(principal: Principal, id: string): Promise<Operation>
  resume(principal: Principal, id: string): Promise<Operation>
  cancel(principal: Principal, id: string): Promise<Operation>
  pace(principal: Principal, id: string, perS: number | null): Promise<Operation>
  /** Takes back what was done, as another operation. Problem: `operation-not-undoable`. */
  undo(principal: Principal, id: string): Promise<Operation>
  /** Leaves what this process runs itself to others. */
  close(): Promise<void>
}

export interface OperationsNeeds {
  bull: Bull
  kinds: readonly AnyOperationKind[]
}

export const createOperations = (kernel: Kernel, { bull, kinds }: OperationsNeeds): Operations => {
  const store = createOperationStore(kernel)
  const { clock } = kernel
  const here = createHere(kernel, kinds)
  const shown = (principal: Principal, record: OperationRecord): Operation =>
    present(record, clock.now(), hiddenFrom(principal, kinds, record.kind))

  const read = async (principal: Principal, id: string): Promise<OperationRecord> => {
    const record = await store.read(id)
    if (record && maySee(principal, record)) return record
    if (!record && (madeAt(id) ?? Infinity) < clock.now() - KEPT_MS)
      throw OperationExpired(`The operation ${id} ended more than 7 days ago.`)
    throw OperationMissing(`There is no operation ${id}.`)
  }
  const begin = async (
    principal: Principal,
    about: About,
    given: { pace: number | null; total: number | null },
  ): Promise<Operation> => {
    const isNew = await store.create(about, given)
    if (isNew && kindOf(kinds, about.kind).runsWhereAsked) {
      // Whoever looks for overdue operations finds it when this process ends.
      await store.lookAgain(about.id, clock.now() + LEASE_MS)
      here.run(about.id)
    } else if (isNew)
      // Where the job cannot be added now, whoever looks for overdue operations adds it.
      await wake(kernel, bull, store, about.id).catch((error: unknown) =>
        kernel.log.warn('an operation waits to be woken', { id: about.id, error }),
      )
    await forgetGone(kernel, store)
    const record = await store.read(about.id)
    if (!record) throw OperationMissing(`There is no operation ${about.id}.`)
    return shown(principal, record)
  }
  const wish = async (principal: Principal, id: string, wanted: 'pause' | 'cancel'): Promise<Operation> => {
    const record = await read(principal, id)
    refuseOver(id, await store.wish(id, 'wanted', wanted))
    const [status, reason] =
      wanted === 'pause' ? (['paused', ''] as const) : (['cancelled', 'It was cancelled.'] as const)
    // While somebody runs it, it is for them to stop; else it rests or ends here and now.
    await store.settle(id, undefined, settlementOf(record, status, reason, clock.now()))
    return shown(principal, await read(principal, id))
  }
  const verbs: Operations = {
    async start(principal, { kind: name, params, pace = null, idempotencyKey, items }) {
      const kind = kindOf(kinds, name)
      const id =
        idempotencyKey === undefined
          ? makeId('op', clock.now())
          : `op_${hashId(32, principal.id, name, idempotencyKey)}`
      const undoWithinMs = kind.undo?.withinMs ?? null
      const watches = kind.trial?.(params) !== undefined
      const follows = kind.follow !== undefined
      const about = { ...{ id, kind: name, params, undoWithinMs, watches, follows }, ...origin(principal, clock.now(), null) } // prettier-ignore
      // Before the record: whoever runs it finds them. One that is there already has its own.
      if (items && !(await store.read(id))) await store.giveItems(id, slicesOf(items))
      return begin(principal, about, { pace, total: items?.length ?? null })
    },
    list: (principal, query) =>
      listOperations(
        kernel,
        store,
        { maySee: (record) => maySee(principal, record), shown: (record) => shown(principal, record) },
        query,
      ),
    show: async (principal, id) => shown(principal, await read(principal, id)),
    async isGoingOn(id) {
      const record = await store.read(id)
      return record !== undefined && !isOver(record)
    },
    results: async (principal, id, query) => listResults(kernel, store, await read(principal, id), query),
    fates: async (principal, id) => lookAtFates(store, kinds, await read(principal, id)),
    pause: (principal, id) => wish(principal, id, 'pause'),
    cancel: (principal, id) => wish(principal, id, 'cancel'),
    async resume(principal, id) {
      await read(principal, id)
      const resumed = await store.resume(id)
      refuseOver(id, resumed)
      if (resumed === 'free') await wake(kernel, bull, store, id)
      return shown(principal, await read(principal, id))
    },
    async pace(principal, id, perS) {
      await read(principal, id)
      refuseOver(id, await store.wish(id, 'pace', perS === null ? '' : String(perS)))
      return shown(principal, await read(principal, id))
    },
    async undo(principal, id) {
      const record = await read(principal, id)
      if (!isOver(record) || record.undoUntil === null || record.undoUntil <= clock.now())
        throw OperationNotUndoable(`The operation ${id} cannot be taken back, or not any more.`)
      // The same undo asked for twice is one.
      const undo = `op_${hashId(32, 'undo', id)}`
      if (!(await store.read(undo)) && !(await store.copyItems(id, undo)))
        throw OperationNotUndoable(`The items of the operation ${id} have gone.`)
      const { kind, params } = record
      const about = {
        ...{ id: undo, kind, params, undoWithinMs: null, watches: false },
        ...origin(principal, clock.now(), id),
      }
      return begin(principal, about, { pace: null, total: record.total })
    },
    close: () => here.close(),
  }
  return guarded(verbs)
}

const slicesOf = (items: readonly unknown[]): unknown[][] =>
  Array.from({ length: Math.ceil(items.length / SLICE_MAX) }, (_, n) => items.slice(n * SLICE_MAX, (n + 1) * SLICE_MAX))

const origin = ({ id, name, queues }: Principal, createdAt: number, undoes: string | null) => ({
  asker: { id, name, queues },
  createdAt,
  undoes,
})

const maySee = (principal: Principal, { asker }: OperationRecord): boolean =>
  principal.queues.includes('*') || asker.id === principal.id

/** Payloads are for those who may see the payloads of jobs. */
const hiddenFrom = ({ scopes }: Principal, kinds: readonly AnyOperationKind[], name: string): readonly string[] =>
  scopes.includes('jobs:data') ? [] : (kinds.find((kind) => kind.name === name)?.payloads ?? [])

const kindOf = (kinds: readonly AnyOperationKind[], name: string): AnyOperationKind => {
  const kind = kinds.find((each) => each.name === name)
  if (!kind) throw new Error(`no kind of operation is called ${name}`)
  return kind
}

const refuseOver = (id: string, wished: Wished): void => {
  if (wished === 'over') throw OperationFinished(`The operation ${id} has ended.`)
  if (wished === 'missing') throw OperationMissing(`There is no operation ${id}.`)
}

const guarded = (verbs: Operations): Operations => ({
  ...verbs,
  start: (...args) => guardRedis(verbs.start(...args)),
  list: (...args) => guardRedis(verbs.list(...args), 'read'),
  show: (...args) => guardRedis(verbs.show(...args), 'read'),
  isGoingOn: (id) => guardRedis(verbs.isGoingOn(id), 'read'),
  results: (...args) => guardRedis(verbs.results(...args), 'read'),
  fates: (...args) => guardRedis(verbs.fates(...args), 'read'),
  pause: (...args) => guardRedis(verbs.pause(...args)),
  resume: (...args) => guardRedis(verbs.resume(...args)),
  cancel: (...args) => guardRedis(verbs.cancel(...args)),
  pace: (...args) => guardRedis(verbs.pace(...args)),
  undo: (...args) => guardRedis(verbs.undo(...args)),
})
