// The tail of the log: one blocking reader for a whole process, the newest entries in memory, and everyone who listens.
import { setImmediate } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { liveName } from '../events.ts'
import { isAfter } from '../bullmq/event-streams.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { openBlocking } from '../kernel/blocking.ts'
import type { BlockingConnection } from '../kernel/blocking.ts'
import { script } from '../kernel/script.ts'
import { loop } from '../kernel/service.ts'
import type { Service } from '../kernel/service.ts'
import { createEventLog, entryOf, eventLogKey, factsOf } from './log.ts'
import type { LogEntry, RawEntry } from './log.ts'

const lost = script(new URL('./lost.lua', import.meta.url))

/** An entry with what listeners ask of it: its live name and, parsed once for all of them, its data. */
export interface TailEntry extends LogEntry {
  /** `retry:attempt`, … */
  live: string
  value: Readonly<Record<string, unknown>>
  /** The frame's members after the subscription, as JSON text: shared by everyone it is sent to. */
  json: string
}

export interface Tail extends Service {
  /** Position of the newest entry that was told to listeners; undefined until the log has been looked at. */
  readonly last: string | undefined
  /** Entries after a position that are still in memory; undefined when some may be missing and the log must be read. */
  since(cursor: string): TailEntry[] | undefined
  /** Calls back with each batch, in order. Answers how to stop. */
  listen(listener: (entries: readonly TailEntry[]) => void): () => void
  /** Calls back when facts are gone that were not read: removed while this process was behind, or lost with the newest writes
   *  of Redis. `oldest` is the position of the first fact that is left. What comes is told after it. Answers how to stop. */
  onGap(tell: (oldest: string) => void): () => void
}

const KEPT = 10_000
/** Characters of data kept: events from outside may be large. */
const KEPT_CHARS = 33_554_432
const BLOCK_MS = 5_000
/** Entries read at once; there are up to 25 facts in each. */
const PAGE = 250
/** Facts told at once, give or take an entry. Connections are written to meanwhile: more would look like a reader that is slow. */
const TOLD_AT_ONCE = 250

/** Parses an entry; what this version does not know, or cannot read, is not told. */
export const toTailEntry = (entry: LogEntry): TailEntry | undefined => {
  const live = liveName(entry.name, entry.sent !== undefined)
  if (live === undefined) return undefined
  try {
    const value = JSON.parse(entry.data) as Record<string, unknown>
    const head = JSON.stringify(headOf(entry, live))
    return { ...entry, live, value, json: `${head.slice(1, -1)},"data":${entry.data}` }
  } catch {
    return undefined
  }
}

/** A frame's members before its data. */
export const headOf = ({ id, name, at, sent }: LogEntry, live: string) => ({
  id,
  event: live,
  name,
  ts: new Date(at).toISOString(),
  ...(sent === undefined ? {} : { event_id: sent.id }),
  ...(sent === undefined || sent.subject === null ? {} : { subject: sent.subject }),
})

export const createTail = (kernel: Kernel): Tail => {
  const listeners = new Set<(entries: readonly TailEntry[]) => void>()
  const gapListeners = new Set<(oldest: string) => void>()
  let kept: TailEntry[] = []
  /** Everything after this position is in memory. */
  let floor: string | undefined
  let last: string | undefined
  let chars = 0
  const forget = (): void => {
    let over = 0
    while (over < kept.length && (kept.length - over > KEPT || chars > KEPT_CHARS)) chars -= lengthAt(kept, over++)
    if (over > 0) floor = kept.splice(0, over).at(-1)?.id
  }
  const take = (raw: LogEntry[]): void => {
    const entries = raw.flatMap((entry) => toTailEntry(entry) ?? [])
    last = raw.at(-1)?.id ?? last
    kept.push(...entries)
    for (const { data } of entries) chars += data.length
    forget()
    if (entries.length > 0) for (const listener of listeners) listener(entries)
  }
  const turn = async (connection: BlockingConnection): Promise<void> => {
    const from = (last ??= floor = await createEventLog(kernel).last())
    const found = await connection.ask((redis) => readOn(redis, eventLogKey(kernel), entryOf(from)))
    if (!found) return
    const { entries, gap } = found
    if (gap) {
      kernel.log.warn('facts were removed before they were read for those who listen', { from, oldest: gap.oldest })
      kept = []
      chars = 0
      last = gap.newest
      floor = entries[0]?.[0] ?? last
      for (const tell of gapListeners) tell(gap.oldest)
    }
    for (const facts of slicesOf(entries)) {
      take(facts)
      await setImmediate()
    }
  }
  const service = loop('tail', async (signal) => {
    const connection = openBlocking(kernel, 'k1n-tail')
    signal.addEventListener('abort', () => connection.close(), { once: true })
    // While Redis is away the position is kept: nothing is missed, it is only told later.
    while (!signal.aborted) await turn(connection).catch(() => kernel.clock.sleep(250, signal))
  })
  return {
    ...service,
    get last() {
      return last
    },
    since(cursor) {
      if (floor === undefined || isAfter(floor, cursor)) return undefined
      return kept.filter((entry) => isAfter(entry.id, cursor))
    },
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onGap(tell) {
      gapListeners.add(tell)
      return () => gapListeners.delete(tell)
    },
  }
}

/** The facts of entries, a few hundred at a time; those of one entry stay together, as reading goes on behind it. */
function* slicesOf(entries: readonly RawEntry[]): Generator<LogEntry[]> {
  let facts: LogEntry[] = []
  for (const entry of entries) {
    facts.push(...factsOf(entry))
    if (facts.length < TOLD_AT_ONCE) continue
    yield facts
    facts = []
  }
  if (facts.length > 0) yield facts
}

/** What one read found. `gap` names the oldest entry and the newest position where others were gone by then. */
interface Found {
  entries: RawEntry[]
  gap?: { oldest: string; newest: string }
}

/** Waits for entries. Whether the one before them is still there is asked behind the read and not before it, as it may go at any
 *  moment; both questions go to Redis together. */
const readOn = async (redis: Redis, key: string, from: string): Promise<Found> => {
  const [read, gone] = await Promise.all([
    redis.xread('COUNT', PAGE, 'BLOCK', BLOCK_MS, 'STREAMS', key, from),
    lost(redis, [key], [from]),
  ])
  const entries = read?.[0]?.[1] ?? []
  const [oldest, newest] = gone as string[]
  return oldest === undefined || newest === undefined ? { entries } : { entries, gap: { oldest, newest } }
}

const lengthAt = (entries: readonly TailEntry[], index: number): number => entries[index]?.data.length ?? 0
