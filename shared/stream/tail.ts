// The tail of the log: one blocking reader for a whole process, the newest entries in memory, and everyone who listens.
import { setImmediate } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { liveName } from '../events.ts'
import { isAfter } from '../bullmq/event-streams.ts'
import { systemClock } from '../kernel/clock.ts'
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
  /** Entries after a position that are still in memory; undefined when some may be missing, or there are too many that nobody
   *  heard of yet: the log must be read then, page by page. */
  since(cursor: string): TailEntry[] | undefined
  /** Calls back with each batch, in order; the first may hold facts from a moment before. Answers how to stop. */
  listen(listener: (entries: readonly TailEntry[]) => void): () => void
  /** Calls back when facts are gone that were not read: removed while this process was behind, or lost with the newest writes
   *  of Redis. `oldest` is the position of the first fact that is left. What comes is told after it. Answers how to stop. */
  onGap(tell: (oldest: string) => void): () => void
}

/** Facts kept, and how many more there are before the oldest leave by count: letting each go by itself moves all the others. */
const KEPT = 10_000
const SLACK = 1_000
/** Characters of data kept: events from outside may be large. */
const KEPT_CHARS = 33_554_432
const BLOCK_MS = 5_000
/** How long facts gather while nobody listens: when each was read as it came, a process of the API that nobody looks at spent a
 *  tenth of its CPU on them, at 200 requests a second to four. */
const REST_MS = 100
/** Entries read at once; there are up to 25 facts in each. */
const PAGE = 250
/** Facts that nobody heard of yet worked out at once for who asks for the past: more hold up the process. */
const WORKED_OUT_AT_ONCE = 1_000
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

/** A fact in memory; worked out for listeners when the first of them asks, as most are gone before anybody does. */
class Kept {
  readonly entry: LogEntry
  #told: TailEntry | undefined | null = null
  constructor(entry: LogEntry) {
    this.entry = entry
  }
  get isWorkedOut(): boolean {
    return this.#told !== null
  }
  get told(): TailEntry | undefined {
    if (this.#told === null) this.#told = toTailEntry(this.entry)
    return this.#told
  }
}

const toldOf = (kept: readonly Kept[]): TailEntry[] => kept.flatMap(({ told }) => told ?? [])

export const createTail = (kernel: Kernel): Tail => {
  const listeners = new Set<(entries: readonly TailEntry[]) => void>()
  const gapListeners = new Set<(oldest: string) => void>()
  let kept: Kept[] = []
  /** Everything after this position is in memory. */
  let floor: string | undefined
  let last: string | undefined
  let chars = 0
  /** Ends the rest between two reads. */
  let wake = (): void => undefined
  const rest = async (): Promise<void> => {
    const over = new AbortController()
    wake = () => over.abort()
    // The machine's time, as reading goes on where a test has stopped the clock.
    await systemClock.sleep(REST_MS, over.signal)
  }
  const forget = (): void => {
    if (kept.length <= KEPT + SLACK && chars <= KEPT_CHARS) return
    let over = 0
    while (over < kept.length && (kept.length - over > KEPT || chars > KEPT_CHARS)) chars -= lengthAt(kept, over++)
    if (over > 0) floor = kept.splice(0, over).at(-1)?.entry.id
  }
  const take = (raw: LogEntry[]): void => {
    const fresh = raw.map((entry) => new Kept(entry))
    last = raw.at(-1)?.id ?? last
    kept.push(...fresh)
    for (const { data } of raw) chars += data.length
    forget()
    if (listeners.size === 0) return
    const entries = toldOf(fresh)
    if (entries.length > 0) for (const listener of listeners) listener(entries)
  }
  /** Answers whether there may be more to read at once. */
  const turn = async (connection: BlockingConnection): Promise<boolean> => {
    const from = (last ??= floor = await createEventLog(kernel).last())
    const found = await connection.ask((redis) => readOn(redis, eventLogKey(kernel), entryOf(from)))
    if (!found) return true
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
    return entries.length >= PAGE
  }
  const service = loop('tail', async (signal) => {
    const connection = openBlocking(kernel, 'k1n-tail')
    const end = (): void => {
      connection.close()
      wake()
    }
    signal.addEventListener('abort', end, { once: true })
    while (!signal.aborted) {
      // While Redis is away the position is kept: nothing is missed, it is only told later.
      const more = await turn(connection).catch(() => kernel.clock.sleep(250, signal).then(() => true))
      if (listeners.size === 0 && !more && !signal.aborted) await rest()
    }
  })
  return {
    ...service,
    get last() {
      return last
    },
    since(cursor) {
      if (floor === undefined || isAfter(floor, cursor)) return undefined
      const after = kept.filter(({ entry }) => isAfter(entry.id, cursor))
      if (after.filter(({ isWorkedOut }) => !isWorkedOut).length > WORKED_OUT_AT_ONCE) return undefined
      return toldOf(after)
    },
    listen(listener) {
      listeners.add(listener)
      wake()
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

const lengthAt = (kept: readonly Kept[], index: number): number => kept[index]?.entry.data.length ?? 0
