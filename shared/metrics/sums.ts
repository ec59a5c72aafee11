// Many slots added up where they lie: a day of a busy fleet is a million counts, and a chart needs some hundreds.
import { allowsQueue } from '../bullmq/globs.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import type { KeyOf } from './buckets.ts'
import { splitField } from './fields.ts'
import type { Slot } from './slots.ts'
import { createMemory } from './sums-memory.ts'
import type { Buckets, Sums } from './sums-memory.ts'

export type { Sums } from './sums-memory.ts'

const sumScript = script(new URL('./sum.lua', import.meta.url))

/** The queues that are counted: all, some by name, or those that fit. */
export interface Wanted {
  names: 'all' | readonly string[] | undefined
  fits: (queue: string) => boolean
}

/** Those a principal may see, of the ones that are asked for. */
export const wantedOf = (principal: { queues: readonly string[] }, asked?: readonly string[]): Wanted => {
  const allowed = (queue: string): boolean => allowsQueue(principal, queue)
  const names = asked?.filter(allowed) ?? (principal.queues.includes('*') ? 'all' : undefined)
  return { names, fits: (queue) => allowed(queue) && (asked?.includes(queue) ?? true) }
}

export interface SlotSums {
  /** Counts by name over the wanted queues, for each bucket of slots. */
  byName(buckets: Buckets, wanted: Wanted): Promise<Sums[]>
  /** Counts by the fields they are kept under, for each slot. All of them are held at once, so they are few. */
  byField(slots: readonly Slot[]): Promise<Sums[]>
  /** The same of any number of slots, in their order and some at a time, so that what is held at once is bounded. */
  byFieldInRuns(slots: readonly Slot[]): AsyncGenerator<readonly Sums[]>
  /** Counts of all slots together by what follows the first bar of their fields. */
  byRest(slots: readonly Slot[]): Promise<Sums>
}

/** Fields one script adds up at most, some ten milliseconds of Redis, thirty at worst: nobody waits long behind it, however
 *  many queues there are. What is left goes into the next one. */
export const FIELDS_AT_ONCE = 25_000
/** Hashes one script is given; most of most installations have few fields. */
const HASHES_AT_ONCE = 500
/** Counts by field that are held at once until they are added up, and the buckets that are read before it is known how many
 *  counts one of them has. */
export const HELD_MOST = 40_000
export const HELD_FIRST = 8

/** What the script is told: `all`, `each`, `rest`, or `some` and the queues. */
type How = readonly ['all' | 'each' | 'rest' | 'some', ...string[]]
/** A hash of the bucket it belongs to. */
interface Part {
  bucket: number
  key: string
}

export const createSums = (kernel: Kernel, keyOf: KeyOf): SlotSums => {
  /** Adds as many of the parts as one script may read, and answers how many those were. */
  const addSome = async (sums: readonly Map<string, number>[], parts: readonly Part[], [by, ...queues]: How) => {
    const args = [by, FIELDS_AT_ONCE, ...parts.map(({ bucket }) => bucket), ...queues]
    const [read, ...answers] = (await sumScript(kernel.redis, parts.map(({ key }) => key), args)) as Answer // prettier-ignore
    for (let at = 0; at < answers.length; at += 2)
      addTo(sums[Number(answers[at])], toSums(answers[at + 1] as Flat), (name) => name)
    return read
  }
  const read = async (buckets: Buckets, how: How): Promise<Sums[]> => {
    const sums = buckets.map(() => new Map<string, number>())
    const parts = buckets.flatMap((slots, bucket) =>
      slots.map(({ no, widthMs }) => ({ bucket, key: keyOf(kernel, no, widthMs) })),
    )
    // One after the other: a script that waits behind all others would seem to take as long as they do.
    for (let at = 0; at < parts.length;) {
      const some = parts.slice(at, at + HASHES_AT_ONCE)
      const added = await addSome(sums, some, how)
      if (added === 0) await addLarge(kernel, sums, some[0], how)
      at += Math.max(1, added)
    }
    return sums
  }
  const remembered = (how: 'all' | 'each' | 'rest') =>
    createMemory(kernel, `${how} ${keyOf(kernel, 0)}`, (buckets) => read(buckets, [how]))
  const [all, each, rest] = [remembered('all'), remembered('each'), remembered('rest')]
  return {
    async byName(buckets, { names, fits }) {
      if (names === 'all') return all(buckets)
      if (names !== undefined) return read(buckets, ['some', ...names])
      const told: Sums[] = []
      for await (const run of inRuns(each, buckets)) told.push(...run.map((sums) => overQueues(sums, fits)))
      return told
    },
    byField: (slots) => each(slots.map((slot) => [slot])),
    byFieldInRuns: (slots) => inRuns(each, slots.map((slot) => [slot])), // prettier-ignore
    async byRest(slots) {
      const told = new Map<string, number>()
      for await (const run of inRuns(
        rest,
        slots.map((slot) => [slot]),
      ))
        // prettier-ignore
        for (const sums of run) addTo(told, sums, (name) => name)
      return told
    },
  }
}

/** Reads buckets in runs, in their order: more at a time where those before held few counts. */
async function* inRuns(read: (buckets: Buckets) => Promise<Sums[]>, buckets: Buckets): AsyncGenerator<readonly Sums[]> {
  let length = HELD_FIRST
  for (let at = 0; at < buckets.length;) {
    const run = await read(buckets.slice(at, at + length))
    yield run
    at += length
    const largest = Math.max(1, ...run.map(({ size }) => size))
    length = Math.max(HELD_FIRST, Math.min(length * HELD_FIRST, Math.floor(HELD_MOST / largest)))
  }
}

/** The sums of several buckets as one. */
export const joined = (all: readonly Sums[]): Sums => {
  const sums = new Map<string, number>()
  for (const one of all) addTo(sums, one, (name) => name)
  return sums
}

type Flat = (string | number)[]
type Answer = [read: number, ...(string | Flat)[]]

/** Adds a hash that has more fields than one script may read, step by step. */
const addLarge = async (
  { redis }: Kernel,
  sums: readonly Map<string, number>[],
  part: Part | undefined,
  [by, ...queues]: How,
): Promise<void> => {
  if (part === undefined) return
  const wanted = new Set(queues)
  // A field may come twice when the hash grows meanwhile.
  const counts = new Map<string, number>()
  let cursor = '0'
  do {
    const [next, flat] = await redis.hscan(part.key, cursor, 'COUNT', FIELDS_AT_ONCE)
    for (const [field, count] of toSums(flat)) counts.set(field, count)
    cursor = next
  } while (cursor !== '0')
  addTo(sums[part.bucket], counts, (field) => {
    if (by === 'each') return field
    if (by === 'rest') return field.slice(field.indexOf('|') + 1)
    const [queue, name] = splitField(field)
    return by === 'all' || wanted.has(queue) ? name : undefined
  })
}

const toSums = (flat: readonly (string | number)[]): Sums =>
  new Map(
    Array.from({ length: flat.length / 2 }, (_, pair) => [String(flat[2 * pair]), Number(flat[2 * pair + 1])] as const),
  )

const addTo = (
  sums: Map<string, number> | undefined,
  more: Sums,
  nameOf: (name: string) => string | undefined,
): void => {
  for (const [from, value] of more) {
    const name = nameOf(from)
    if (name !== undefined) sums?.set(name, (sums.get(name) ?? 0) + value)
  }
}

const overQueues = (fields: Sums, fits: (queue: string) => boolean): Sums => {
  const sums = new Map<string, number>()
  addTo(sums, fields, (field) => {
    const [queue, name] = splitField(field)
    return fits(queue) ? name : undefined
  })
  return sums
}
