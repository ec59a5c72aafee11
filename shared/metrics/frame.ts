// The frame of a series over time: which buckets there are, of which slots, and for which of them anything is known.
import { KEPT_MS, keptMs } from './buckets.ts'
import { FINE_MS, HALF_HOUR_MS, MINUTE_MS, QUARTER_MS, slotNo } from './slots.ts'
import type { Slot, WidthMs } from './slots.ts'

const [HOUR_MS, DAY_MS] = [3_600_000, 86_400_000]
/** No series reaches further back: figures are kept so long. */
export const SERIES_MAX_MS = KEPT_MS

/** How wide buckets are by how long the span is, and the slots they are read from. What is older than a slot is kept is read
 *  from wider ones. */
const WIDTHS: readonly Width[] = [
  { upToMs: HOUR_MS / 4, stepMs: FINE_MS, slotMs: FINE_MS },
  { upToMs: HOUR_MS, stepMs: 3 * FINE_MS, slotMs: FINE_MS },
  { upToMs: 6 * HOUR_MS, stepMs: MINUTE_MS, slotMs: MINUTE_MS },
  { upToMs: DAY_MS, stepMs: 5 * MINUTE_MS, slotMs: MINUTE_MS },
  { upToMs: 7 * DAY_MS, stepMs: HALF_HOUR_MS, slotMs: HALF_HOUR_MS },
  { upToMs: 30 * DAY_MS, stepMs: 2 * HOUR_MS, slotMs: HALF_HOUR_MS },
]
const WIDEST: Width = { upToMs: Infinity, stepMs: QUARTER_MS, slotMs: QUARTER_MS }

interface Width {
  upToMs: number
  stepMs: number
  slotMs: WidthMs
}

export interface Frame {
  /** Width of a bucket. */
  stepMs: number
  /** Start of each bucket, epoch ms, oldest first. */
  x: readonly number[]
  /** Width of the slots the buckets are read from. */
  slotMs: WidthMs
  /** The numbers of all slots of the buckets up to the running one, oldest first. */
  slots: readonly number[]
  /** Whether the last bucket still fills. */
  isPartial: boolean
  /** Whether the asked span began earlier than can be told. */
  isCut: boolean
  now: number
}

/** One series. Null stands for a bucket of which nothing is known. */
export interface Column {
  key: string
  label: string
  unit: 'jobs' | 's' | 'share' | 'slots'
  /** Whether its values may be added up, or tell how things stood. */
  kind: 'sum' | 'level'
  y: (number | null)[]
}

/** A span that is asked for as the last hour is a little longer when the question arrives. */
const widthFor = (spanMs: number, ageMs: number, leastMs: number): Width =>
  WIDTHS.find(
    ({ upToMs, stepMs, slotMs }) => slotMs >= leastMs && spanMs <= upToMs + stepMs && ageMs <= keptMs(slotMs),
  ) ?? WIDEST

/** Lays buckets over a span, on whole multiples of their width, so that they stand still while time goes on. `leastMs` is the
 *  width of the narrowest slots there are. */
export const frameOf = (span: { from: number; to: number }, now: number, leastMs: WidthMs = FINE_MS): Frame => {
  const from = Math.max(span.from, now - SERIES_MAX_MS)
  const to = Math.max(from, Math.min(span.to, now))
  const { stepMs, slotMs } = widthFor(to - from, now - from, leastMs)
  const first = Math.floor(from / stepMs)
  const count = to === from ? 0 : Math.ceil(to / stepMs) - first
  const x = Array.from({ length: count }, (_, index) => (first + index) * stepMs)
  const least = (first * stepMs) / slotMs
  const end = Math.min(((first + count) * stepMs) / slotMs, slotNo(now, slotMs) + 1)
  return {
    stepMs,
    x,
    slotMs,
    slots: Array.from({ length: count === 0 ? 0 : end - least }, (_, index) => least + index),
    isPartial: (first + count) * stepMs > now,
    isCut: span.from < (x[0] ?? from),
    now,
  }
}

/** Which bucket a slot of the frame is in. */
export const bucketOf = ({ stepMs, slotMs, x }: Frame, no: number): number =>
  Math.floor((no * slotMs - (x[0] ?? 0)) / stepMs)

/** The slots of each bucket. */
export const bucketsOf = (frame: Frame): Slot[][] => {
  const buckets = frame.x.map((): Slot[] => [])
  for (const no of frame.slots) buckets[bucketOf(frame, no)]?.push({ no, widthMs: frame.slotMs })
  return buckets
}

/** When the last slot of the frame ends, epoch ms. */
export const endOf = ({ slots, slotMs, now }: Frame): number => {
  const last = slots.at(-1)
  return last === undefined ? now : (last + 1) * slotMs
}

/** Counts of buckets as they are told: one of which nothing is known and nothing was counted is null. */
export const told = (known: readonly boolean[], counts: readonly number[]): (number | null)[] =>
  counts.map((count, bucket) => (known[bucket] === true || count > 0 ? count : null))

/** Which buckets have a slot that is known. */
export const knownBuckets = (frame: Frame, slots: readonly boolean[]): boolean[] => {
  const known = frame.x.map(() => false)
  for (const [index, no] of frame.slots.entries()) if (slots[index]) known[bucketOf(frame, no)] = true
  return known
}

/** More than two rounds of the recorder. */
const BETWEEN_LOOKS_MS = 15_000

/** Which slots are known. What the recorder missed while it was away it reads later, so everything between the first and
 *  the last slot it looked in is; before and after that nobody can say. */
export const knownBetween = (looked: readonly boolean[], slotMs: number): boolean[] => {
  const [first, last] = [looked.indexOf(true), looked.lastIndexOf(true)]
  // The running one may have just begun, and between two looks pass some seconds.
  const end = looked.length - 1 - last <= Math.max(1, BETWEEN_LOOKS_MS / slotMs) ? looked.length - 1 : last
  return looked.map((_, index) => first >= 0 && index >= first && index <= end)
}
