// Many minutes added up where they lie: a day of a busy fleet is a million counts, and a chart needs some hundreds.
import { allowsQueue } from '../bullmq/globs.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import { minuteOf } from './buckets.ts'
import { splitField } from './fields.ts'

const sumScript = script(new URL('./sum.lua', import.meta.url))

export type Sums = ReadonlyMap<string, number>

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

export interface MinuteSums {
  /** Counts by name over the wanted queues, for each bucket of minutes. */
  byName(buckets: readonly (readonly number[])[], wanted: Wanted): Promise<Sums[]>
  /** Counts by `<queue>|<name>` over all minutes together. */
  byField(minutes: readonly number[]): Promise<Sums>
}

/** Minutes in one script: few enough that nobody waits long behind it. */
const AT_ONCE = 30
/** Buckets that have been over for so many minutes hardly change: only a recorder that was away still adds to them. */
const SETTLED = 10
const BELIEVED_MS = 5 * 60_000

interface Piece {
  bucket: number
  minutes: readonly number[]
}
type Buckets = readonly (readonly number[])[]
/** What the script is told: `all`, `each`, or `some` and the queues. */
type How = readonly ['all' | 'each' | 'some', ...string[]]

export const createMinuteSums = (kernel: Kernel, keyOf: (kernel: Kernel, minute: number) => string): MinuteSums => {
  const ask = async (batch: readonly Piece[], [by, ...queues]: How): Promise<Sums[]> => {
    const keys = batch.flatMap(({ minutes }) => minutes.map((minute) => keyOf(kernel, minute)))
    const args = [by, batch.length, ...batch.map(({ minutes }) => minutes.length), ...queues]
    return ((await sumScript(kernel.redis, keys, args)) as (string | number)[][]).map(toSums)
  }
  const read = async (buckets: Buckets, how: How): Promise<Sums[]> => {
    const pieces = buckets.flatMap((minutes, bucket) => slicesOf(minutes).map((some) => ({ bucket, minutes: some })))
    const sums = buckets.map(() => new Map<string, number>())
    // One after the other: a batch that waits behind all others would seem to take as long as they do.
    for (const batch of batchesOf(pieces))
      for (const [index, part] of (await ask(batch, how)).entries())
        addTo(sums[batch[index]?.bucket ?? 0], part, (name) => name)
    return sums
  }
  const all = createMemory(kernel, (buckets) => read(buckets, ['all']))
  const each = createMemory(kernel, (buckets) => read(buckets, ['each']))
  return {
    async byName(buckets, { names, fits }) {
      if (names === 'all') return all(buckets)
      if (names !== undefined) return read(buckets, ['some', ...names])
      return (await each(buckets)).map((sums) => overQueues(sums, fits))
    },
    async byField(minutes) {
      const sums = new Map<string, number>()
      for (const hour of await each(byHour(minutes))) addTo(sums, hour, (field) => field)
      return sums
    },
  }
}

/** Remembers buckets that are settled, as charts ask for the same day again and again. */
const createMemory = (kernel: Kernel, read: (buckets: Buckets) => Promise<Sums[]>) => {
  let known = new Map<string, { sums: Sums; until: number }>()
  return async (buckets: Buckets): Promise<Sums[]> => {
    const now = kernel.clock.now()
    known = new Map([...known].filter(([, { until }]) => until > now))
    const before = new Map(known)
    const asked = buckets.filter((minutes) => !before.has(String(minutes)))
    for (const [index, sums] of (await read(asked)).entries()) {
      const minutes = asked[index] ?? []
      const isSettled = (minutes.at(-1) ?? Infinity) < minuteOf(now) - SETTLED
      before.set(String(minutes), { sums, until: now })
      if (isSettled) known.set(String(minutes), { sums, until: now + BELIEVED_MS })
    }
    return buckets.map((minutes) => before.get(String(minutes))?.sums ?? new Map<string, number>())
  }
}

/** Whole hours are the same ones a minute later. */
export const byHour = (minutes: readonly number[]): number[][] => {
  const hours = new Map<number, number[]>()
  for (const minute of minutes) {
    const hour = Math.floor(minute / 60)
    hours.set(hour, [...(hours.get(hour) ?? []), minute])
  }
  return [...hours.values()]
}

const slicesOf = (minutes: readonly number[]): (readonly number[])[] =>
  Array.from({ length: Math.ceil(minutes.length / AT_ONCE) }, (_, slice) =>
    minutes.slice(slice * AT_ONCE, (slice + 1) * AT_ONCE),
  )

/** Pieces joined until they come to as many minutes as go at once. */
const batchesOf = (pieces: readonly Piece[]): Piece[][] => {
  const batches: Piece[][] = []
  let room = 0
  for (const piece of pieces) {
    const batch = batches.at(-1)
    if (batch && piece.minutes.length <= room) batch.push(piece)
    else batches.push([piece])
    room = (batch && piece.minutes.length <= room ? room : AT_ONCE) - piece.minutes.length
  }
  return batches
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
