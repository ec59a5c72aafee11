// How many jobs of each state queues hold, for all queues in one round trip.
import type { Reader, Reading } from '../kernel/reader.ts'
import type { QueueCounts } from '../queues/contract.ts'
import type { BullKeys } from './keys.ts'

export type CountsAndPause = QueueCounts & { paused: boolean }

/** Many are counted again and again. */
const known = new WeakMap<BullKeys, readonly Reading[]>()
const readingsFor = (keys: BullKeys): readonly Reading[] => {
  const readings = known.get(keys) ?? readingsOf(keys)
  known.set(keys, readings)
  return readings
}

/** What is read to count a queue, in the order `toCounts` takes it. Every command is O(1). */
const readingsOf = (keys: BullKeys): Reading[] => [
  { command: 'llen', key: keys.wait },
  { command: 'llen', key: keys.legacyPaused },
  { command: 'zcard', key: keys.prioritized },
  { command: 'zcard', key: keys.delayed },
  { command: 'llen', key: keys.active },
  { command: 'zcard', key: keys.waitingChildren },
  { command: 'zcard', key: keys.completed },
  { command: 'zcard', key: keys.failed },
  { command: 'hmget', key: keys.meta, args: ['paused'] },
]
const EACH = 9

/** Reads the counts of many queues at once. A key of the wrong type counts as empty. */
export const readCounts = async (
  read: Reader,
  keysOf: (queue: string) => BullKeys,
  queues: readonly string[],
): Promise<Map<string, CountsAndPause>> => {
  const values = await read(queues.flatMap((queue) => readingsFor(keysOf(queue))))
  return new Map(queues.map((queue, index) => [queue, toCounts(values.slice(index * EACH, (index + 1) * EACH))]))
}

const toCounts = (values: readonly unknown[]): CountsAndPause => {
  const [wait = 0, legacy = 0, prioritized = 0, delayed = 0, active = 0, children = 0, completed = 0, failed = 0] =
    values.slice(0, EACH - 1).map((value) => Number(value ?? 0))
  const [paused = null] = (values[EACH - 1] ?? []) as (string | null)[]
  return {
    waiting: wait + legacy,
    prioritized,
    delayed,
    active,
    waiting_children: children,
    completed,
    failed,
    paused: paused !== null,
  }
}
