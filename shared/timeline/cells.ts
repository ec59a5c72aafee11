// Attempts counted instead of told: by queue, in the buckets figures are kept in.
import type { Principal } from '../auth/contract.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import { toIso } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { queuesKey } from '../metrics/buckets.ts'
import type { Counter } from '../metrics/buckets.ts'
import { splitField } from '../metrics/fields.ts'
import { bucketOf, frameOf } from '../metrics/frame.ts'
import type { Frame } from '../metrics/frame.ts'
import { createSums } from '../metrics/sums.ts'
import type { Sums } from '../metrics/sums.ts'
import type { TimelineCells } from './contract.ts'

/** What is counted of a queue in a cell. */
interface Cell {
  completed: number
  failed: number
  retried: number
  cancelled: number
}
const counters = ['completed', 'failed', 'retried', 'cancelled'] as const satisfies readonly Counter[]

export const createCells = (kernel: Kernel) => {
  const sums = createSums(kernel, queuesKey)
  return async (
    principal: Principal,
    span: { from: number; to: number },
    asked: readonly string[] | undefined,
  ): Promise<TimelineCells> => {
    const frame = frameOf(span, kernel.clock.now())
    const fits = (queue: string): boolean => allowsQueue(principal, queue) && (asked?.includes(queue) ?? true)
    const byQueue = new Map<string, Map<number, Cell>>()
    const slots = frame.slots.values()
    for await (const run of sums.byFieldInRuns(frame.slots.map((no) => ({ no, widthMs: frame.slotMs }))))
      for (const fields of run) count(byQueue, fields, bucketOf(frame, slots.next().value ?? 0), fits)
    return {
      from: toIso(span.from),
      to: toIso(span.to),
      step_ms: frame.stepMs,
      ...columns(byQueue, frame),
      truncated: frame.isCut,
    }
  }
}

const count = (
  byQueue: Map<string, Map<number, Cell>>,
  fields: Sums,
  bucket: number,
  fits: (queue: string) => boolean,
): void => {
  for (const [field, value] of fields) {
    const [queue, name] = splitField(field)
    const counter = counters.find((known) => known === name)
    if (counter === undefined || !fits(queue)) continue
    const cells = byQueue.get(queue) ?? new Map<number, Cell>()
    byQueue.set(queue, cells)
    const cell = cells.get(bucket) ?? { completed: 0, failed: 0, retried: 0, cancelled: 0 }
    cells.set(bucket, cell)
    cell[counter] += value
  }
}

type Columns = Pick<TimelineCells, 'queues' | 'queue' | 'at' | 'all' | 'failed' | 'retrying'>

const columns = (byQueue: ReadonlyMap<string, ReadonlyMap<number, Cell>>, { x }: Frame): Columns => {
  const told: Columns = { queues: [...byQueue.keys()].sort(), queue: [], at: [], all: [], failed: [], retrying: [] }
  for (const [index, queue] of told.queues.entries())
    for (const [bucket, cell] of [...(byQueue.get(queue) ?? [])].sort(([one], [other]) => one - other)) {
      told.queue.push(index)
      told.at.push(x[bucket] ?? 0)
      told.all.push(cell.completed + cell.failed + cell.retried + cell.cancelled)
      told.failed.push(cell.failed)
      told.retrying.push(cell.retried)
    }
  return told
}
