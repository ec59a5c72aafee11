// The axis buckets lie on: moments of the clock, or words. Both are numbers to the engine, with ticks of our own.
import { clockTime, dayOf } from '../ui/format.ts'

export interface Tick {
  at: number
  label: string
}

export interface Axis {
  /** What it is called as the head of a column. */
  name: string
  isTime: boolean
  /** Where each bucket begins, and how wide all are. */
  starts: readonly number[]
  step: number
  /** Whether the last bucket still fills. */
  isPartial: boolean
  label: (bucket: number) => string
  /** At most so many ticks. */
  ticks: (most: number) => Tick[]
}

const MINUTE_MS = 60_000
const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720].map((minutes) => minutes * MINUTE_MS)
const DAY_MS = 1_440 * MINUTE_MS

/** Buckets of time. Labels and ticks are those of the clock in the zone. */
export const timeAxis = (
  { x, stepMs, isPartial }: { x: readonly number[]; stepMs: number; isPartial: boolean },
  zone: string,
): Axis => ({
  name: 'Time',
  isTime: true,
  starts: x,
  step: stepMs,
  isPartial,
  label: (bucket) =>
    spanLabel(x[bucket] ?? 0, stepMs, { zone, hasDays: (x.at(-1) ?? 0) + stepMs - (x[0] ?? 0) > DAY_MS + stepMs }),
  ticks: (most) => timeTicks({ from: x[0] ?? 0, to: (x.at(-1) ?? 0) + stepMs }, most, zone),
})

/** Buckets that are words, one after the other. */
export const wordAxis = (name: string, words: readonly string[]): Axis => ({
  name,
  isTime: false,
  starts: words.map((_, index) => index),
  step: 1,
  isPartial: false,
  label: (bucket) => words[bucket] ?? '',
  ticks: (most) => {
    const every = Math.ceil(words.length / Math.max(1, most))
    return words.flatMap((label, index) => (index % every === 0 ? [{ at: index + 0.5, label }] : []))
  },
})

/** `10:00–10:05`; where the axis is of days, `22 Nov 10:00–10:30`. */
const spanLabel = (at: number, stepMs: number, { zone, hasDays }: { zone: string; hasDays: boolean }): string =>
  `${hasDays ? `${dayOf(at, zone)} ` : ''}${clockOf(at, stepMs, zone)}–${clockOf(at + stepMs, stepMs, zone)}`

const clockOf = (at: number, stepMs: number, zone: string): string =>
  stepMs % MINUTE_MS === 0 ? short(at, zone) : clockTime(at, zone)

export const short = (at: number, zone: string): string => clockTime(at, zone).slice(0, 5)

/** Milliseconds since midnight as the clock in the zone shows them. */
const sinceMidnight = (at: number, zone: string): number => {
  const [hours = 0, minutes = 0, seconds = 0] = clockTime(at, zone).split(':').map(Number)
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000 + (at % 1_000)
}

/** Round times of the clock, also where it is half an hour off, or set while the picture lasts. */
export const timeTicks = ({ from, to }: { from: number; to: number }, most: number, zone: string): Tick[] => {
  const step = STEPS_MS.find((ms) => (to - from) / ms <= most) ?? DAY_MS
  const isTold = everyFew((to - from) / step, most, step)
  const next = (at: number): number => {
    const over = sinceMidnight(at, zone) % step
    // Where the clock is set on the way, it takes another step.
    return over === 0 ? at : next(at + step - over)
  }
  const ticks: Tick[] = []
  for (let at = next(from); at < to; at = next(at + 1))
    if (isTold(at)) ticks.push({ at, label: step < DAY_MS ? short(at, zone) : dayOf(at, zone) })
  return ticks
}

/** Days between two ticks. */
const DAYS = [1, 2, 5, 10, 15, 30]

/** Which of too many days have a tick: the same ones tomorrow. */
const everyFew = (days: number, most: number, step: number): ((at: number) => boolean) => {
  const every = step < DAY_MS ? 1 : (DAYS.find((few) => days / few <= most) ?? 30)
  return (at) => every === 1 || Math.round(at / DAY_MS) % every === 0
}

/** The bucket a place on the axis is in; undefined outside. */
export const bucketAt = ({ starts, step }: Axis, at: number): number | undefined => {
  const bucket = Math.floor((at - (starts[0] ?? 0)) / step)
  return bucket >= 0 && bucket < starts.length ? bucket : undefined
}
