// The log of facts: one ordered stream in Redis, read by position.
import { isAfter } from '../bullmq/event-streams.ts'
import type { Fact } from '../kernel/event.ts'
import type { Kernel } from '../kernel/kernel.ts'

/** What is known of an event that came from outside, beside its name and its data. */
export interface Sent {
  /** The event's own id: its sender's, or one that k1n gave. */
  id: string
  /** How many times it went through k1n before; what is sent because of it says one more. */
  hop: number
  /** The event source it came through. */
  source: string | null
  subject: string | null
}

/** One fact as it stands in the log. `id` is its position and never changes; `data` is the JSON text, byte for byte. `sent` tells
 *  events from outside from facts of k1n itself, which have none. */
export interface LogEntry {
  id: string
  name: string
  at: number
  data: string
  sent?: Sent
}

export interface EventLog {
  /** Appends in order and answers each fact's position. */
  append(facts: readonly Fact[]): Promise<string[]>
  /** Facts after a position, oldest first, at most so many. */
  readAfter(cursor: string, count: number): Promise<LogEntry[]>
  /** Facts before a position, newest first, at most so many; none older than `floor`, an id of Redis. Without `before` from the
   *  newest on. */
  readBefore(before: string | undefined, count: number, floor?: string): Promise<LogEntry[]>
  /** One fact by its position. */
  find(position: string): Promise<LogEntry | undefined>
  /** The newest position; `0-0` while the log is empty. */
  last(): Promise<string>
  /** The oldest position that is still there; `0-0` while the log is empty. */
  first(): Promise<string>
}

export const eventLogKey = (kernel: Kernel): string => kernel.key('events')

/** An entry as Redis has it. */
export type RawEntry = [id: string, fields: string[]]

/** Facts that may share an entry. Redis takes several microseconds for an entry, whatever is in it. */
export const FACTS_MAX = 25

/** What names a field of an entry: the fact and its time in ms, and what is known of one from outside. Its value is the data. */
export const factHead = (name: string, at: number, sent?: Sent): string =>
  sent === undefined
    ? `${name}@${at}`
    : [name, at, sent.id, sent.hop, sent.source ?? '', toBase64(sent.subject ?? '')].join('@')

// Subjects are any text; a head has no `@` of its own.
const toBase64 = (text: string): string => Buffer.from(text).toString('base64url')
const fromBase64 = (text: string): string => Buffer.from(text, 'base64url').toString()

const parseHead = (head: string): Pick<LogEntry, 'name' | 'at' | 'sent'> => {
  const [name = '', at = '0', id, hop = '0', source = '', subject = ''] = head.split('@')
  const fact = { name, at: Number(at) }
  if (id === undefined) return fact
  const sent = { id, hop: Number(hop), source: source || null, subject: fromBase64(subject) || null }
  return { ...fact, sent }
}

/** Facts as scripts write them into the log: head and data of each. */
export const factArgs = (facts: readonly Fact[]): string[] =>
  facts.flatMap(({ kind, at, data }) => [factHead(kind.name, at), JSON.stringify(data)])

/** The same for many facts: a head, and below one another the data of all in a row that have it, as JSON has no line breaks.
 *  Hundreds of arguments cost Redis more than parting a text does. */
export const factLines = (facts: readonly Fact[]): string[] => {
  const runs: { head: string; lines: string[] }[] = []
  for (const { kind, at, data } of facts) {
    const head = factHead(kind.name, at)
    if (runs.at(-1)?.head !== head) runs.push({ head, lines: [] })
    runs.at(-1)?.lines.push(JSON.stringify(data))
  }
  return runs.flatMap(({ head, lines }) => [head, lines.join('\n')])
}

/** The facts of one raw stream entry, in order: a field for each. */
export const factsOf = ([entry, fields]: RawEntry): LogEntry[] =>
  Array.from({ length: fields.length / 2 }, (_, index) => {
    const data = fields[2 * index + 1] ?? '{}'
    return { id: positionOf(entry, index), ...parseHead(fields[2 * index] ?? ''), data }
  })

/** The position of a fact: its entry's id, for those behind the first with a decimal, so that positions compare as numbers. */
const positionOf = (entry: string, index: number): string =>
  index === 0 ? entry : `${entry}.${String(index).padStart(3, '0')}`

/** The id of the entry that a position is in. */
export const entryOf = (position: string): string => position.split('.', 1)[0] ?? position

/** Entries read at once: with as many facts in each as there may be, some megabytes. */
const PAGE = 250
/** Those read first, as long as it is not known how large they are. */
const FIRST_PAGE = 100
/** Characters that are read at once, give or take, and that one read holds: events from outside may be large. */
export const PAGE_CHARS = 4_194_304
const READ_CHARS = 16_777_216

export const createEventLog = (kernel: Kernel): EventLog => {
  const key = eventLogKey(kernel)
  return {
    async append(facts) {
      const pipeline = kernel.redis.pipeline()
      for (const { kind, at, data } of facts) pipeline.xadd(key, '*', factHead(kind.name, at), JSON.stringify(data))
      const results = (await pipeline.exec()) ?? []
      return results.map(([error, id]) => {
        if (error) throw error
        return id as string
      })
    },
    readAfter: (cursor, count) =>
      gather(entriesFrom(kernel, entryOf(cursor), count), count, (entry) =>
        factsOf(entry).filter(({ id }) => isAfter(id, cursor)),
      ),
    readBefore: (before, count, floor = '-') =>
      gather(entriesBack(kernel, before === undefined ? '+' : entryOf(before), floor, count), count, (entry) =>
        factsOf(entry)
          .filter(({ id }) => before === undefined || isAfter(before, id))
          .reverse(),
      ),
    async find(position) {
      const [entry] = await kernel.redis.xrange(key, entryOf(position), entryOf(position))
      return entry && factsOf(entry).find(({ id }) => id === position)
    },
    async last() {
      const [newest] = await kernel.redis.xrevrange(key, '+', '-', 'COUNT', 1)
      return (newest && factsOf(newest).at(-1)?.id) ?? '0-0'
    },
    async first() {
      return (await kernel.redis.xrange(key, '-', '+', 'COUNT', 1))[0]?.[0] ?? '0-0'
    },
  }
}

/** Facts of entries until there are enough, or until they are as large as one read may be. */
const gather = async (
  entries: AsyncIterable<RawEntry>,
  count: number,
  pick: (entry: RawEntry) => LogEntry[],
): Promise<LogEntry[]> => {
  const found: LogEntry[] = []
  let chars = 0
  for await (const entry of entries) {
    const facts = pick(entry)
    found.push(...facts)
    chars += charsOf(facts)
    if (found.length >= count || chars >= READ_CHARS) break
  }
  return found.slice(0, count)
}

/** Whether a read ended at its count or its size, so that there may be more. */
export const isFull = (facts: readonly LogEntry[], count: number): boolean =>
  facts.length >= count || charsOf(facts) >= READ_CHARS

export const charsOf = (facts: readonly LogEntry[]): number => facts.reduce((sum, { data }) => sum + data.length, 0)

/** Entries from one on, as few at once as hold what is asked for when most hold one fact, and in pages when that is much. */
const entriesFrom = (kernel: Kernel, first: string, count: number): AsyncGenerator<RawEntry, undefined> =>
  paged(count, first, (from, size) => kernel.redis.xrange(eventLogKey(kernel), from, '+', 'COUNT', size))

/** The same from one entry back to another. */
const entriesBack = (
  kernel: Kernel,
  newest: string,
  oldest: string,
  count: number,
): AsyncGenerator<RawEntry, undefined> =>
  paged(count, newest, (from, size) => kernel.redis.xrevrange(eventLogKey(kernel), from, oldest, 'COUNT', size))

async function* paged(
  count: number,
  first: string,
  read: (from: string, size: number) => Promise<RawEntry[]>,
): AsyncGenerator<RawEntry, undefined> {
  let size = Math.min(count + 1, FIRST_PAGE)
  let from = first
  for (;;) {
    const page = await read(from, size)
    yield* page
    const last = page.at(-1)
    if (page.length < size || !last) return undefined
    size = Math.min(count + 1, sizeAfter(page))
    from = `(${last[0]}`
  }
}

/** Entries to read at once after these: as many as are likely to be small enough together. */
export const sizeAfter = (page: readonly RawEntry[]): number => {
  const chars = page.reduce((sum, entry) => sum + sizeOf(entry), 0)
  return Math.max(1, Math.min(PAGE, Math.floor((PAGE_CHARS / chars) * page.length)))
}

/** As many of these, from the first on, as may be held at once; one at least. */
export const fitting = (page: readonly RawEntry[]): readonly RawEntry[] => {
  let chars = 0
  const first = page.findIndex((entry) => (chars += sizeOf(entry)) > PAGE_CHARS)
  return first < 0 ? page : page.slice(0, Math.max(1, first))
}

const sizeOf = ([, fields]: RawEntry): number => fields.reduce((sum, field) => sum + field.length, 0)
