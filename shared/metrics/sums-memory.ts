// Sums that are remembered, as charts ask for the same days again and again; those of a whole process within one bound.
import type { Kernel } from '../kernel/kernel.ts'
import { MINUTE_MS } from './slots.ts'
import type { Slot } from './slots.ts'

export type Sums = ReadonlyMap<string, number>
export type Bucket = readonly Slot[]
export type Buckets = readonly Bucket[]

/** Buckets that have been over for so long hardly change: only a recorder that was away still adds to them. */
const SETTLED_MS = 10 * MINUTE_MS
const BELIEVED_MS = 5 * MINUTE_MS
/** Counts that are remembered at once, some 50 MB of them. */
export const REMEMBERED_MAX = 500_000

/** What all memories of a kernel remember, the oldest first, and how many counts that is. */
interface Shelf {
  known: Map<string, { sums: Sums; until: number }>
  counts: number
}

const shelves = new WeakMap<Kernel, Shelf>()

const shelfOf = (kernel: Kernel): Shelf => {
  const shelf = shelves.get(kernel) ?? { known: new Map(), counts: 0 }
  shelves.set(kernel, shelf)
  return shelf
}

/** Remembers buckets that are settled. Memories of one kernel and one name know the same. */
export const createMemory = (kernel: Kernel, name: string, read: (buckets: Buckets) => Promise<Sums[]>) => {
  const shelf = shelfOf(kernel)
  return async (buckets: Buckets): Promise<Sums[]> => {
    const now = kernel.clock.now()
    forgetUntil(shelf, now)
    const known = buckets.map((bucket) => shelf.known.get(keyOf(name, bucket))?.sums)
    const asked = buckets.filter((_, index) => known[index] === undefined)
    const fresh = await read(asked)
    for (const [index, sums] of fresh.entries()) remember(shelf, name, asked[index] ?? [], sums, now)
    const rest = fresh.values()
    return known.map((sums) => sums ?? rest.next().value ?? new Map<string, number>())
  }
}

const remember = (shelf: Shelf, name: string, bucket: Bucket, sums: Sums, now: number): void => {
  const key = keyOf(name, bucket)
  if (endOf(bucket) >= now - SETTLED_MS || shelf.known.has(key) || shelf.counts + sums.size > REMEMBERED_MAX) return
  shelf.known.set(key, { sums, until: now + BELIEVED_MS })
  shelf.counts += sums.size
}

/** What is remembered is in the order in which it ends. */
const forgetUntil = (shelf: Shelf, now: number): void => {
  for (const [key, { sums, until }] of shelf.known) {
    if (until > now) return
    shelf.known.delete(key)
    shelf.counts -= sums.size
  }
}

const keyOf = (name: string, bucket: Bucket): string =>
  `${name} ${bucket.map(({ no, widthMs }) => `${widthMs}:${no}`).join()}`
const endOf = (bucket: Bucket): number => {
  const last = bucket.at(-1)
  return last === undefined ? Infinity : (last.no + 1) * last.widthMs
}
