// The table beside the chart: which runs a window holds, in the order a column asks for.
import { matches, type SpanFilter } from './filter.ts'
import { isTrouble } from './lod.ts'
import type { TimeWindow } from './scale.ts'
import type { SpanStore } from './spans.ts'

export const sortKeys = ['start', 'queue', 'name', 'state', 'wait', 'run', 'attempt', 'priority', 'worker'] as const
export type SortKey = (typeof sortKeys)[number]

export interface Sorting {
  by: SortKey
  down: boolean
}

/** Which runs of a store are looked at: from one slot on, and up to another; all unless it says. */
interface Part {
  first?: number
  end?: number
}

/** The slots of the runs that touch a window and pass the filter: those the chart shows for the same window. */
export const runsIn = (
  store: SpanStore,
  window: TimeWindow,
  filter: SpanFilter,
  now: number,
  { first = 0, end = store.length }: Part = {},
): Uint32Array => {
  const slots = new Uint32Array(Math.max(0, end - first))
  let count = 0
  for (let slot = first; slot < end; slot++) {
    if ((store.start[slot] as number) >= window.to || store.end(slot, now) < window.from) continue
    if (matches(store, slot, filter)) slots[count++] = slot
  }
  return slots.slice(0, count)
}

/** The place of the next run that went wrong, or of the one before, around the ends; -1 when there is none. */
export const failureAfter = (store: SpanStore, slots: Uint32Array, here: number, by: 1 | -1): number => {
  const from = here < 0 && by < 0 ? 0 : here
  for (let step = 1; step <= slots.length; step++) {
    const place = (from + by * step + slots.length) % slots.length
    if (isTrouble(store.state[slots[place] as number] as number)) return place
  }
  return -1
}

/** Sorts slots in place; runs that are equal there stand newest first. */
export const sortRuns = (store: SpanStore, slots: Uint32Array, { by, down }: Sorting, now: number): Uint32Array => {
  const value = valueOf(store, by, now)
  const sign = down ? -1 : 1
  const { start } = store
  return slots.sort(
    (one, other) => sign * (value(one) - value(other)) || (start[other] as number) - (start[one] as number),
  )
}

type Value = (slot: number) => number

const valueOf = (store: SpanStore, by: SortKey, now: number): Value => {
  if (by === 'run') return (slot) => store.end(slot, now) - (store.start[slot] as number)
  if (by === 'queue' || by === 'name' || by === 'worker') {
    const rank = ranks(store[`${by}s`].all)
    const codes = store[by]
    return (slot) => rank[codes[slot] as number] as number
  }
  const column: ArrayLike<number> = store[by]
  return (slot) => column[slot] as number
}

/** The place of each text in the order of the alphabet. */
const ranks = (texts: readonly string[]): Uint32Array => {
  const order = texts.map((_, code) => code).sort((one, other) => ((texts[one] ?? '') < (texts[other] ?? '') ? -1 : 1))
  const rank = new Uint32Array(texts.length)
  for (const [place, code] of order.entries()) rank[code] = place
  return rank
}

/** The time of an `<input type="datetime-local">` in a zone, and back; undefined for what is no time. */
export const toInput = (time: number, offsetMs: number): string => new Date(time + offsetMs).toISOString().slice(0, 19)
export const fromInput = (text: string, offsetOf: (time: number) => number): number | undefined => {
  const local = Date.parse(`${text}Z`)
  return Number.isNaN(local) ? undefined : local - offsetOf(local - offsetOf(local))
}
