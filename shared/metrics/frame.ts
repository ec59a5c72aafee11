// The frame of a series over time: which buckets there are, of which minutes, and for which of them anything is known.

const MINUTE_MS = 60_000
/** No series reaches further back: it is read minute by minute. */
export const SERIES_MAX_MS = 24 * 60 * MINUTE_MS

/** Minutes in a bucket: figures are counted by the minute, and above six hours five of them are shown as one. */
const WIDTHS = [
  { upToMs: 6 * 60 * MINUTE_MS, stepMs: MINUTE_MS },
  { upToMs: SERIES_MAX_MS, stepMs: 5 * MINUTE_MS },
] as const
const LONGEST_STEP_MS = WIDTHS[1].stepMs

export interface Frame {
  /** Width of a bucket. */
  stepMs: number
  /** Start of each bucket, epoch ms, oldest first. */
  x: readonly number[]
  /** All minutes of the buckets up to the running one, oldest first, as `minuteOf` counts them. */
  minutes: readonly number[]
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
  unit: 'jobs' | 's'
  /** Whether its values may be added up, or tell how things stood. */
  kind: 'sum' | 'level'
  y: (number | null)[]
}

export const stepFor = (spanMs: number): number =>
  WIDTHS.find(({ upToMs }) => spanMs <= upToMs)?.stepMs ?? LONGEST_STEP_MS

/** Lays buckets over a span, on whole multiples of their width, so that they stand still while time goes on. */
export const frameOf = (span: { from: number; to: number }, now: number): Frame => {
  const from = Math.max(span.from, now - SERIES_MAX_MS)
  const to = Math.max(from, Math.min(span.to, now))
  const stepMs = stepFor(to - from)
  const first = Math.floor(from / stepMs)
  const count = to === from ? 0 : Math.ceil(to / stepMs) - first
  const x = Array.from({ length: count }, (_, index) => (first + index) * stepMs)
  const end = Math.min((first + count) * stepMs, Math.floor(now / MINUTE_MS) * MINUTE_MS + MINUTE_MS)
  const least = (first * stepMs) / MINUTE_MS
  return {
    stepMs,
    x,
    minutes: Array.from({ length: count === 0 ? 0 : end / MINUTE_MS - least }, (_, index) => least + index),
    isPartial: (first + count) * stepMs > now,
    isCut: span.from < from,
    now,
  }
}

/** Which bucket a minute of the frame is in. */
export const bucketOf = ({ stepMs, x }: Frame, minute: number): number =>
  Math.floor((minute * MINUTE_MS - (x[0] ?? 0)) / stepMs)

/** The minutes of each bucket. */
export const bucketsOf = (frame: Frame): number[][] => {
  const buckets = frame.x.map((): number[] => [])
  for (const minute of frame.minutes) buckets[bucketOf(frame, minute)]?.push(minute)
  return buckets
}

/** Counts of buckets as they are told: one of which nothing is known and nothing was counted is null. */
export const told = (known: readonly boolean[], counts: readonly number[]): (number | null)[] =>
  counts.map((count, bucket) => (known[bucket] === true || count > 0 ? count : null))

/** Which buckets have a minute that is known. */
export const knownBuckets = (frame: Frame, minutes: readonly boolean[]): boolean[] => {
  const known = frame.x.map(() => false)
  for (const [index, minute] of frame.minutes.entries()) if (minutes[index]) known[bucketOf(frame, minute)] = true
  return known
}

/** Which minutes are known. What the recorder missed while it was away it reads later, so everything between the first and
 *  the last minute it looked at is; before and after that nobody can say. */
export const knownBetween = (looked: readonly boolean[]): boolean[] => {
  const [first, last] = [looked.indexOf(true), looked.lastIndexOf(true)]
  // The running minute may have just begun.
  const end = last === looked.length - 2 ? last + 1 : last
  return looked.map((_, index) => first >= 0 && index >= first && index <= end)
}
