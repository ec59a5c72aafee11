// Looking at all queues again and again, for whoever watches them: one that told nothing since the last look, and where
// nothing waits, is not counted anew each time.
import type { Bull, CountsAndPause } from '../bullmq/bullmq.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Reader } from '../kernel/reader.ts'
import { cursorsKey } from '../metrics/progress.ts'
import { readAround } from './around.ts'
import type { QueueAround } from './around.ts'
import { oldestWaiting } from './oldest.ts'

export interface Glance {
  around: ReadonlyMap<string, QueueAround>
  /** ms the next job of a queue has waited; queues where nothing waits are left out. */
  oldest: ReadonlyMap<string, number>
}

/** Some commands change a queue without a word, such as BullMQ's `drain`: no count is believed for longer than this. */
const BELIEVED_MS = 60_000

/** Looks at queues by counting all of them, as Redis says, or a reader of it. */
export const lookAt = async (kernel: Kernel, bull: Bull, names: readonly string[], read?: Reader): Promise<Glance> => {
  const [around, oldest] = await Promise.all([
    readAround(kernel, bull, names, (counted) => bull.counts(counted, read)),
    oldestWaiting(kernel, bull, names, read),
  ])
  return { around, oldest }
}

/** Looks at queues by the counts of somebody who knows them. */
export const lookCounted = async (
  kernel: Kernel,
  bull: Bull,
  names: readonly string[],
  count: Bull['counts'],
): Promise<Glance> => {
  const around = await readAround(kernel, bull, names, count)
  const waiting = [...around].filter(([, { counts }]) => waits(counts)).map(([name]) => name)
  return { around, oldest: await oldestWaiting(kernel, bull, waiting) }
}

/** Makes a function that looks at queues as `lookAt` does and remembers the counts of those at rest. They may be a minute
 *  old where nobody records. */
export const createGlance = (kernel: Kernel, bull: Bull) => {
  const seen = new Map<string, { counts: CountsAndPause; cursor: string | undefined; at: number }>()
  /** Counts what may have changed. Where jobs wait, the first of them grows older without a word. */
  const countWhatMoved: Bull['counts'] = async (names) => {
    const now = kernel.clock.now()
    const cursors = await kernel.redis.hgetall(cursorsKey(kernel))
    const cursorOf = (name: string): string | undefined => cursors[bull.keys(name).events]
    const isAtRest = (name: string): boolean => {
      const last = seen.get(name)
      return last !== undefined && last.cursor === cursorOf(name) && now - last.at < BELIEVED_MS && !waits(last.counts)
    }
    const counted = await bull.counts(names.filter((name) => !isAtRest(name)))
    for (const [name, { at }] of seen) if (now - at >= BELIEVED_MS) seen.delete(name)
    for (const [name, counts] of counted) seen.set(name, { counts, cursor: cursorOf(name), at: now })
    return new Map(names.flatMap((name) => pair(name, seen.get(name)?.counts)))
  }
  return (names: readonly string[]): Promise<Glance> => lookCounted(kernel, bull, names, countWhatMoved)
}

const waits = ({ waiting, prioritized }: CountsAndPause): boolean => waiting + prioritized > 0
const pair = <Value>(name: string, value: Value | undefined): [string, Value][] =>
  value === undefined ? [] : [[name, value]]
