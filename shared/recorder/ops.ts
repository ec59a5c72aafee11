// What one page of events comes to: facts for the log and writes to read models, applied together or not at all.
import type { z } from 'zod'
import type { EventKind } from '../kernel/event.ts'
import { FACTS_MAX, factHead } from '../stream/log.ts'
import { SPANS_TOGETHER, joinSpans } from '../timeline/spans.ts'

/** Collects writes in the order `apply.lua` carries them out. */
export interface Ops {
  /** Appends a fact to the log; those of a page that follow one another share entries. */
  fact<Kind extends EventKind>(kind: Kind, at: number, data: z.input<Kind['data']>): void
  /** Appends a packed span to one of two streams; those of a page become few entries. */
  span(streams: SpanStreams, start: number, packed: string): void
  /** One Redis command on a key of ours. */
  write(...command: (string | number)[]): void
  /** What `inner` collects happens only if the hash field was not there yet: the guard against counting twice. */
  once(key: string, field: string, value: string, inner: () => void): void
  /** What `inner` collects happens only while the hash field holds `was` (nothing: an empty text); it holds `value` then. */
  swap(key: string, field: string, was: string, value: string, inner: () => void): void
  /** One command after all others of the page, counters included. */
  last(...command: (string | number)[]): void
  /** Gives a key its end after all else of the page; `then` is called when the page was applied and the key has it. */
  date(key: string, ageS: number, then: () => void): void
  /** Adds to a counter in each of these hashes; equal counters of a page become one command. It is quickest for lists that
   *  are the same object each time. */
  count(keys: readonly string[], field: string, by?: number): void
  /** Puts a member into a sorted set, or takes it out; those of a page become one command each. */
  put(key: string, score: number, member: string): void
  take(key: string, member: string): void
  /** All values for the script; the collection is used up by it. */
  finish(): (string | number)[]
  /** Told when the page was applied, with the keys that were not there to be given their end. */
  applied(missing: readonly string[]): void
}

/** Where a span may go: by how long ago it began when it is put there. */
export interface SpanStreams {
  prompt: string
  late: string
}

/** Spans that go into one entry together. */
interface Together {
  streams: SpanStreams
  /** When the first of them began, epoch ms. */
  start: number
  packed: string[]
}

/** An entry is closed when it is as large as this, whatever is in it. */
const ENTRY_CHARS = 4_096

interface Members {
  put: Map<string, number>
  taken: Set<string>
}

/** The counters of each hash: those of a wider slot are the sums of the lists it is in. */
const summed = (
  counters: ReadonlyMap<readonly string[], ReadonlyMap<string, number>>,
): Map<string, Map<string, number>> => {
  const sums = new Map<string, Map<string, number>>()
  for (const [keys, fields] of counters)
    for (const key of keys) {
      const sum = sums.get(key) ?? new Map<string, number>()
      sums.set(key, sum)
      for (const [field, by] of fields) sum.set(field, (sum.get(field) ?? 0) + by)
    }
  return sums
}

export const createOps = (): Ops => {
  let args: (string | number)[] = []
  let guarded = false
  /** Head and data of the facts of the entry that is open. */
  let facts: string[] = []
  let chars = 0
  const closeEntry = (): void => {
    if (facts.length > 0) args.push('facts', facts.length, ...facts)
    facts = []
    chars = 0
  }
  const counters = new Map<readonly string[], Map<string, number>>()
  const lasts: (string | number)[][] = []
  const dates = new Map<string, { ageS: number; then: () => void }>()
  const spans = new Map<string, Together>()
  const sets = new Map<string, Members>()
  const setOf = (key: string): Members => {
    const known = sets.get(key) ?? { put: new Map<string, number>(), taken: new Set<string>() }
    sets.set(key, known)
    return known
  }
  const write = (...command: (string | number)[]): void => {
    args.push('do', command.length, ...command)
  }
  const add = ({ streams: { prompt, late }, start, packed }: Together): void =>
    void args.push('add', prompt, late, start, joinSpans(packed))
  const close = (together: Together): void => {
    add(together)
    spans.delete(together.streams.prompt)
  }
  const guard = (by: string[], inner: () => void): void => {
    // Facts within come after those before.
    closeEntry()
    const outer = args
    args = []
    guarded = true
    inner()
    guarded = false
    outer.push(...by, args.length, ...args)
    args = outer
  }
  const ops: Ops = {
    fact(kind, at, data) {
      const [head, text] = [factHead(kind.name, at), JSON.stringify(data)]
      if (guarded) {
        args.push('facts', 2, head, text)
        return
      }
      chars += text.length
      if (facts.push(head, text) === 2 * FACTS_MAX || chars >= ENTRY_CHARS) closeEntry()
    },
    span(streams, start, packed) {
      if (guarded) {
        add({ streams, start, packed: [packed] })
        return
      }
      const together = spans.get(streams.prompt) ?? { streams, start, packed: [] }
      spans.set(streams.prompt, together)
      together.start = Math.min(together.start, start)
      if (together.packed.push(packed) === SPANS_TOGETHER) close(together)
    },
    write,
    put: (key, score, member) => void setOf(key).put.set(member, score),
    take(key, member) {
      const set = setOf(key)
      set.put.delete(member)
      set.taken.add(member)
    },
    once: (key, field, value, inner) => guard(['once', key, field, value], inner),
    swap: (key, field, was, value, inner) => guard(['swap', key, field, was, value], inner),
    last: (...command) => void lasts.push(command),
    date: (key, ageS, then) => void dates.set(key, { ageS, then }),
    count(keys, field, by = 1) {
      if (guarded) {
        for (const key of keys) write('HINCRBY', key, field, by)
        return
      }
      const known = counters.get(keys)
      if (known === undefined) counters.set(keys, new Map([[field, by]]))
      else known.set(field, (known.get(field) ?? 0) + by)
    },
    finish() {
      closeEntry()
      for (const together of spans.values()) close(together)
      for (const [key, fields] of summed(counters)) for (const [field, by] of fields) write('HINCRBY', key, field, by)
      for (const [key, { put, taken }] of sets) {
        // Out before in: a member that was taken out and put in again in one page is in.
        if (taken.size > 0) write('ZREM', key, ...taken)
        if (put.size > 0) write('ZADD', key, ...[...put].flatMap(([member, score]) => [score, member]))
      }
      for (const command of lasts) write(...command)
      for (const [key, { ageS }] of dates) args.push('date', key, ageS)
      return args
    },
    applied(missing) {
      for (const [key, { then }] of dates) if (!missing.includes(key)) then()
    },
  }
  return ops
}
