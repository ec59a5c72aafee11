// The time in which one process runs an operation: what it knows of it, and every step it writes, until another takes over.
import { fact } from '../kernel/event.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { OperationEnded, OperationProgressed } from './contract.ts'
import { hasFates, present, processedOf, progressOf } from './record.ts'
import type { OperationRecord } from './record.ts'
import { LEASE_MS } from './store.ts'
import type { Change, OperationStore, Settlement } from './store.ts'

/** Another process runs the operation, or it was ended: this one must leave it alone. */
export class TenureLost extends Error {
  override readonly name = 'TenureLost'
}

export interface Tenure {
  /** As it stands after the last step. */
  readonly record: OperationRecord
  /** Writes a step and hears what is wanted. Steps are written in order, and counted at once. Throws `TenureLost`. */
  advance(change?: Change): Promise<void>
  /** Keeps a slice of the items. Throws `TenureLost`. */
  keep(chunk: number, items: readonly unknown[]): Promise<void>
  /** Ends the operation or lets it rest. Throws `TenureLost`. */
  settle(status: Settlement['status'], reason?: string): Promise<void>
  /** Lets others take it at once. */
  release(): Promise<void>
  /** False when so much time has passed since the last step that another may hold it. */
  holds(): boolean
  /** ms since the last step. */
  sinceStep(): number
}

const PROGRESS_EVERY_MS = 500
/** Speed is told as that of the last few seconds. */
const RATE_OVER_MS = 5_000

export const createTenure = (kernel: Kernel, store: OperationStore, taken: OperationRecord): Tenure => {
  const { clock } = kernel
  const { id, fence } = taken
  const speed = createSpeed()
  let record = taken
  let steppedAt = clock.now()
  let toldAt = clock.now()

  const told = (now: number) => ({
    operation_id: id,
    kind: record.kind,
    status: record.status,
    reason: null,
    progress: progressOf(record, now),
  })
  let known = ''
  /** Only what is news: an operation that waits for results takes steps all the time. */
  const progress = (now: number) => {
    if (now - toldAt < PROGRESS_EVERY_MS) return []
    const seen = JSON.stringify(present(record, now))
    if (seen === known) return []
    known = seen
    toldAt = now
    return [fact(OperationProgressed, now, told(now))]
  }
  let written: Promise<void> = Promise.resolve()
  const write = async (step: Change, now: number): Promise<void> => {
    const control = await store.advance(id, fence, step)
    if (!control) throw new TenureLost(id)
    record = { ...record, ...control }
    steppedAt = now
  }
  return {
    get record() {
      return record
    },
    advance(change = {}) {
      const now = clock.now()
      record = changed(record, change)
      const rate = speed(now, processedOf(record))
      record = { ...record, rate }
      const facts = [...(change.facts ?? []), ...progress(now)]
      const step = { ...change, set: { ...change.set, rate }, facts }
      written = written.then(() => write(step, now))
      // Whoever waits for it hears of a failure, and so does the next step.
      written.catch(() => undefined)
      return written
    },
    async keep(chunk, items) {
      const wanted = await store.keep(id, fence, chunk, items)
      if (wanted === undefined) throw new TenureLost(id)
      record = { ...record, wanted }
      steppedAt = clock.now()
    },
    async settle(status, reason = '') {
      await written
      const settled = await store.settle(id, fence, settlementOf(record, status, reason, clock.now()))
      if (settled !== 'settled') throw new TenureLost(id)
    },
    async release() {
      await written
      await store.advance(id, fence, { set: { tries: 0 } }, clock.now())
    },
    holds: () => clock.now() - steppedAt < LEASE_MS * (2 / 3),
    sinceStep: () => clock.now() - steppedAt,
  }
}

/** How an operation ends, with the fact that tells of it. */
export const settlementOf = (
  record: OperationRecord,
  status: Settlement['status'],
  reason: string,
  now: number,
): Settlement => {
  const canUndo = record.undoWithinMs !== null && record.done > 0 && status !== 'paused'
  const { id, kind } = record
  const progress = progressOf({ ...record, status }, now)
  const told = { operation_id: id, kind, status, reason: reason || null, progress }
  const ended = status === 'paused' ? fact(OperationProgressed, now, told) : fact(OperationEnded, now, told)
  const undoUntil = canUndo ? now + (record.undoWithinMs ?? 0) : null
  return { status, reason, undoUntil, keepsItems: hasFates({ ...record, status }), facts: [ended] }
}

const changed = (record: OperationRecord, { set = {}, add = {} }: Change): OperationRecord => {
  const summed = Object.entries(add).map(([name, by]) => [name, record[name as keyof typeof add] + by])
  return { ...record, ...set, ...(Object.fromEntries(summed) as typeof add) } as OperationRecord
}

const SIGN_MS = 2_000

/** In the midst of something long, before the lease could be taken for lost: says that it lives. */
export const showLife = async (tenure: Tenure): Promise<void> => {
  if (tenure.sinceStep() >= SIGN_MS) await tenure.advance()
}

/** Makes the function that answers how many items a second were gone through lately. */
const createSpeed = () => {
  let marks: { at: number; count: number }[] = []
  return (now: number, count: number): number => {
    marks = [
      ...marks.filter(({ at }, index) => now - at <= RATE_OVER_MS || index === marks.length - 1),
      { at: now, count },
    ]
    const first = marks[0] ?? { at: now, count }
    const seconds = (now - first.at) / 1_000
    return seconds > 0 ? Math.round(((count - first.count) / seconds) * 10) / 10 : 0
  }
}
