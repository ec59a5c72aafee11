// Reading the log for one listener: what it missed, without a hole and without a double, then what comes.
import { isAfter } from '../bullmq/event-streams.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createEventLog, isFull } from './log.ts'
import { toTailEntry } from './tail.ts'
import type { Tail, TailEntry } from './tail.ts'

export interface Missed {
  entries: TailEntry[]
  /** Where reading goes on. */
  cursor: string
  /** Whether everything the tail has told by now is among them, so that a listener can join it. */
  complete: boolean
  /** Whether the log holds more after these. */
  more?: boolean
  /** The oldest position that is still there, when facts between the cursor and these are gone. */
  gap?: string
}

/** Entries after a cursor: from memory when it reaches back that far, else a page from the log. */
export const readMissed = async (kernel: Kernel, tail: Tail, cursor: string, count = 500): Promise<Missed> => {
  const kept = tail.since(cursor)
  return kept ? { entries: kept, cursor: kept.at(-1)?.id ?? cursor, complete: true } : readLog(kernel, cursor, count)
}

/** A page straight from the log, which may be a moment ahead of the tail. */
export const readLog = async (kernel: Kernel, cursor: string, count: number): Promise<Missed> => {
  const raw = await createEventLog(kernel).readAfter(cursor, count)
  // Asked after the read: the log may be trimmed at any moment before it.
  const { from, gap } = await resumeAt(kernel, cursor)
  const entries = raw.flatMap((entry) => toTailEntry(entry) ?? [])
  const missed = { entries, cursor: raw.at(-1)?.id ?? from, complete: false, more: isFull(raw, count) }
  return gap === undefined ? missed : { ...missed, gap }
}

/** Where a listener goes on from. */
export interface Resumption {
  from: string
  /** The oldest position that is still there, when facts the listener has not heard are gone. */
  gap?: string
}

/** Judges a cursor: entries after it may have been trimmed, or it may lie behind the log's end, because Redis lost what
 *  it had told, or somebody made it up. Either way the listener must look anew, and then hears what comes. */
export const resumeAt = async (kernel: Kernel, cursor: string): Promise<Resumption> => {
  const log = createEventLog(kernel)
  const [first, last] = await Promise.all([log.first(), log.last()])
  if (isAfter(cursor, last)) return { from: last, gap: first }
  if (first === '0-0' || !isAfter(first, cursor)) return { from: cursor }
  // The entry before the first one that is left may be the very one the cursor names; then nothing is missing.
  return (await wasLast(kernel, cursor, first)) ? { from: cursor } : { from: cursor, gap: first }
}

const wasLast = async (kernel: Kernel, cursor: string, first: string): Promise<boolean> => {
  const info = (await kernel.redis.call('XINFO', 'STREAM', kernel.key('events'))) as unknown[]
  const added = Number(info[info.indexOf('entries-added') + 1])
  const length = Number(info[info.indexOf('length') + 1])
  // Nothing was ever removed: the log simply begins after the cursor.
  return added === length && isAfter(first, cursor)
}
