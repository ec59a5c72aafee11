// Deaths by cause over time, as they are counted: five seconds in hashes of ten minutes, minutes in hashes of an hour, half
// hours in hashes of a quarter of a day.
import type { Kernel } from '../kernel/kernel.ts'
import { keptMs, queuesAgeS } from '../metrics/buckets.ts'
import type { Frame } from '../metrics/frame.ts'
import { FINE_MS, HALF_HOUR_MS, MINUTE_MS, QUARTER_MS, slotNo } from '../metrics/slots.ts'
import type { Slot } from '../metrics/slots.ts'
import { createSums, joined } from '../metrics/sums.ts'
import type { Sums } from '../metrics/sums.ts'
import { fineKey, hourKey, quarterKey } from './keys.ts'
import { HOUR_MS, TREND_HOURS, partField, trendOf } from './part.ts'
import type { Part } from './part.ts'

/** Hashes of several slots each: their fields are `<slot within the hash>|<field of the part>`. */
interface Shelf {
  keyOf: (kernel: Kernel, no: number) => string
  hashMs: number
  slotMs: number
}

const FINE: Shelf = { keyOf: fineKey, hashMs: 600_000, slotMs: FINE_MS }
const MINUTES: Shelf = { keyOf: hourKey, hashMs: HOUR_MS, slotMs: MINUTE_MS }
const HALF_HOURS: Shelf = { keyOf: quarterKey, hashMs: QUARTER_MS, slotMs: HALF_HOUR_MS }

const hashNo = ({ hashMs, slotMs }: Shelf, no: number): number => Math.floor((no * slotMs) / hashMs)
const fieldOf = ({ hashMs, slotMs }: Shelf, no: number, part: Part): string =>
  `${no % (hashMs / slotMs)}|${partField(part)}`

/** Where a death is counted, and how many seconds that is kept. */
export const placesOf = (kernel: Kernel, at: number, part: Part): { key: string; field: string; ageS: number }[] =>
  [FINE, MINUTES, HALF_HOURS]
    .filter(({ slotMs }) => kernel.clock.now() - at < keptMs(slotMs))
    .map((shelf) => {
      const no = slotNo(at, shelf.slotMs)
      return {
        key: shelf.keyOf(kernel, hashNo(shelf, no)),
        field: fieldOf(shelf, no, part),
        ageS: queuesAgeS(shelf.slotMs),
      }
    })

/** Fields asked for at once: some milliseconds of Redis, which nobody has to wait behind for longer. */
const FIELDS_AT_ONCE = 5_000

/** How often each part died in each of some slots. */
export const deathsOf = async (
  kernel: Kernel,
  parts: readonly Part[],
  { slots, slotMs }: Pick<Frame, 'slots' | 'slotMs'>,
): Promise<number[][]> => {
  const shelf = [FINE, MINUTES].find((one) => one.slotMs === slotMs) ?? HALF_HOURS
  const deaths = parts.map(() => slots.map(() => 0))
  if (parts.length === 0) return deaths
  const hashes = [...byHash(slots, slotMs / shelf.slotMs, shelf)]
  const most = Math.max(1, Math.floor(FIELDS_AT_ONCE / (Math.floor(shelf.hashMs / shelf.slotMs) * parts.length)))
  for (let first = 0; first < hashes.length; first += most) {
    const pipeline = kernel.redis.pipeline()
    const some = hashes.slice(first, first + most)
    for (const [hash, counted] of some)
      pipeline.hmget(shelf.keyOf(kernel, hash), ...counted.flatMap(({ no }) => parts.map((part) => fieldOf(shelf, no, part)))) // prettier-ignore
    const replies = (await pipeline.exec()) ?? []
    for (const [index, [, counted]] of some.entries()) addCounts(deaths, counted, replies[index])
  }
  return deaths
}

/** Adds what one hash tells: of each slot it counts, all parts in their order. */
const addCounts = (
  deaths: readonly number[][],
  counted: readonly { at: number }[],
  [error, counts]: [Error | null, unknown] = [null, []],
): void => {
  if (error) throw error
  for (const [index, count] of (counts as (string | null)[]).entries()) {
    const [row, at] = [deaths[index % deaths.length], counted[Math.floor(index / deaths.length)]?.at ?? 0]
    if (row) row[at] = (row[at] ?? 0) + Number(count ?? 0)
  }
}

/** The slots that are counted, `each` of them in one that is asked for, by their hash. */
const byHash = (slots: readonly number[], each: number, shelf: Shelf): Map<number, { no: number; at: number }[]> => {
  const counted = slots.flatMap((no, at) => Array.from({ length: each }, (_, one) => ({ no: no * each + one, at })))
  return Map.groupBy(counted, ({ no }) => hashNo(shelf, no))
}

/** Makes the function that tells how often each part died, by its field, within a frame, to the half hour. */
export const createCauses = (kernel: Kernel): ((frame: Pick<Frame, 'slots' | 'slotMs'>) => Promise<Sums>) => {
  const sums = createSums(kernel, quarterKey)
  return async ({ slots, slotMs }) => {
    const [from, to] = [(slots[0] ?? 0) * slotMs, ((slots.at(-1) ?? -1) + 1) * slotMs]
    const quarters = range(slotNo(from, QUARTER_MS), slotNo(to - 1, QUARTER_MS)).map(quarterOf)
    const isWhole = ({ no }: Slot): boolean => no * QUARTER_MS >= from && (no + 1) * QUARTER_MS <= to
    // Half hours are told apart only at the edges of the frame.
    const edges = quarters.filter((quarter) => !isWhole(quarter))
    const [whole, told] = await Promise.all([sums.byRest(quarters.filter(isWhole)), sums.byField(edges)])
    return joined([whole, ...told.map((fields, edge) => deathsIn(fields, edges[edge]?.no ?? 0, { from, to }))])
  }
}

const quarterOf = (no: number): Slot => ({ no, widthMs: QUARTER_MS })

/** How often each part died in those half hours of a quarter that touch a span. */
const deathsIn = (fields: Sums, quarter: number, { from, to }: { from: number; to: number }): Sums => {
  const deaths = new Map<string, number>()
  for (const [field, count] of fields) {
    const mark = field.indexOf('|')
    const at = quarter * QUARTER_MS + Number(field.slice(0, mark)) * HALF_HOUR_MS
    const part = field.slice(mark + 1)
    if (at < to && at + HALF_HOUR_MS > from) deaths.set(part, (deaths.get(part) ?? 0) + count)
  }
  return deaths
}

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

/** The minutes of the last 24 hours in which one of the parts died, oldest first. */
export const minutesOf = async (kernel: Kernel, parts: readonly Part[]): Promise<{ at: number; count: number }[]> => {
  const now = kernel.clock.now()
  const last = slotNo(now, MINUTE_MS)
  const hours = hoursOf(parts, now)
  const slots = range(last - (TREND_HOURS * HOUR_MS) / MINUTE_MS + 1, last).filter((no) => hours.has(hashNo(MINUTES, no))) // prettier-ignore
  const deaths = await deathsOf(kernel, parts, { slots, slotMs: MINUTE_MS })
  return slots.flatMap((minute, index) => {
    const count = deaths.reduce((sum, part) => sum + (part[index] ?? 0), 0)
    return count > 0 ? [{ at: minute * MINUTE_MS, count }] : []
  })
}

/** The hours of which minutes can tell something: those the trend counted deaths in, and the one it no longer reaches. */
const hoursOf = (parts: readonly Part[], now: number): Set<number> => {
  const first = slotNo(now, HOUR_MS) - TREND_HOURS
  const counted = parts.flatMap((part) =>
    trendOf(part, now).flatMap((count, hour) => (count > 0 ? first + 1 + hour : [])),
  )
  return new Set([first, ...counted])
}
