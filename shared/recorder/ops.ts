// What one page of events comes to: facts for the log and writes to read models, applied together or not at all.
import type { z } from 'zod'
import type { EventKind } from '../kernel/event.ts'
import { factHead } from '../stream/log.ts'
import { SPANS_TOGETHER, joinSpans } from '../timeline/spans.ts'

/** Collects writes in the order `apply.lua` carries them out. */
export interface Ops {
  /** Appends a fact to the log. */
  fact<Kind extends EventKind>(kind: Kind, at: number, data: z.input<Kind['data']>): void
  /** Appends a packed span to a stream; those of a page become few entries. */
  span(stream: string, packed: string): void
  /** One Redis command on a key of ours. */
  write(...command: (string | number)[]): void
  /** What `inner` collects happens only if the hash field was not there yet: the guard against counting twice. */
  once(key: string, field: string, value: string, inner: () => void): void
  /** What `inner` collects happens only while the hash field holds `was` (nothing: an empty text); it holds `value` then. */
  swap(key: string, field: string, was: string, value: string, inner: () => void): void
  /** One command after all others of the page, counters included. */
  last(...command: (string | number)[]): void
  /** Adds to a counter; equal counters of a page become one command. */
  count(key: string, field: string, by?: number): void
  /** Puts a member into a sorted set, or takes it out; those of a page become one command each. */
  put(key: string, score: number, member: string): void
  take(key: string, member: string): void
  /** All values for the script; the collection is used up by it. */
  finish(): (string | number)[]
}

interface Members {
  put: Map<string, number>
  taken: Set<string>
}

export const createOps = (): Ops => {
  let args: (string | number)[] = []
  let guarded = false
  const counters = new Map<string, Map<string, number>>()
  const lasts: (string | number)[][] = []
  const spans = new Map<string, string[]>()
  const sets = new Map<string, Members>()
  const setOf = (key: string): Members => {
    const known = sets.get(key) ?? { put: new Map<string, number>(), taken: new Set<string>() }
    sets.set(key, known)
    return known
  }
  const write = (...command: (string | number)[]): void => {
    args.push('do', command.length, ...command)
  }
  const add = (stream: string, text: string): void => void args.push('add', stream, text)
  const guard = (by: string[], inner: () => void): void => {
    const outer = args
    args = []
    guarded = true
    inner()
    guarded = false
    outer.push(...by, args.length, ...args)
    args = outer
  }
  const ops: Ops = {
    fact: (kind, at, data) => void args.push('fact', factHead(kind.name, at), JSON.stringify(data)),
    span(stream, packed) {
      if (guarded) {
        add(stream, packed)
        return
      }
      const waiting = spans.get(stream) ?? []
      spans.set(stream, waiting)
      if (waiting.push(packed) === SPANS_TOGETHER) add(stream, joinSpans(waiting.splice(0)))
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
    count(key, field, by = 1) {
      if (guarded) {
        write('HINCRBY', key, field, by)
        return
      }
      const counter = counters.get(key) ?? new Map<string, number>()
      counters.set(key, counter.set(field, (counter.get(field) ?? 0) + by))
    },
    finish() {
      for (const [stream, rest] of spans) if (rest.length > 0) add(stream, joinSpans(rest))
      for (const [key, fields] of counters) for (const [field, by] of fields) write('HINCRBY', key, field, by)
      for (const [key, { put, taken }] of sets) {
        // Out before in: a member that was taken out and put in again in one page is in.
        if (taken.size > 0) write('ZREM', key, ...taken)
        if (put.size > 0) write('ZADD', key, ...[...put].flatMap(([member, score]) => [score, member]))
      }
      for (const command of lasts) write(...command)
      return args
    },
  }
  return ops
}
