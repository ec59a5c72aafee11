// What came from outside, found by its index: of facts of k1n there may be a thousand between two events.
import type { Kernel } from '../kernel/kernel.ts'
import { charsOf, createEventLog, factsOf } from '../stream/log.ts'
import type { LogEntry, RawEntry } from '../stream/log.ts'
import { indexKey } from './keys.ts'

/** Entries of the index that are read at once, and events. */
const STRETCH = 250
const TOGETHER = 10
/** Characters of data after which a stretch ends. */
const STRETCH_CHARS = 4_194_304

/** Part of a walk from the newest back. */
export interface Stretch {
  readonly facts: readonly LogEntry[]
  /** How many were looked at. */
  readonly looked: number
  /** Where the next one begins; undefined at the very beginning. */
  readonly place: string | undefined
  readonly isEnd: boolean
}

/** Events before a position, newest first, at least so many as are wanted where there are: `fits` is asked without their data. None is
 *  older than `floor`, an id of Redis. What the log has lost is the end. */
export const readSent = async (
  kernel: Kernel,
  { before, floor, wanted }: { before: string | undefined; floor: string; wanted: number },
  fits: (event: LogEntry) => boolean,
): Promise<Stretch> => {
  const log = createEventLog(kernel)
  const from = before === undefined ? '+' : `(${before}`
  const entries: RawEntry[] = await kernel.redis.xrevrange(indexKey(kernel), from, floor, 'COUNT', STRETCH)
  const facts: LogEntry[] = []
  for (let looked = 0; looked < entries.length; looked += TOGETHER) {
    if (facts.length >= wanted || charsOf(facts) >= STRETCH_CHARS)
      return { facts, looked, place: entries[looked - 1]?.[0], isEnd: false }
    const some = entries
      .slice(looked, looked + TOGETHER)
      .flatMap(factsOf)
      .filter(fits)
    const found = await Promise.all(some.map(({ id }) => log.find(id)))
    const lost = found.indexOf(undefined)
    facts.push(...found.slice(0, lost < 0 ? undefined : lost).filter((fact) => fact !== undefined))
    if (lost >= 0) return { facts, looked: Math.min(looked + TOGETHER, entries.length), place: before, isEnd: true }
  }
  return { facts, looked: entries.length, place: entries.at(-1)?.[0] ?? before, isEnd: entries.length < STRETCH }
}
