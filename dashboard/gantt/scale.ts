// Time on a line: from time to pixel and back, zoom, pan, and where the ticks go.
import { offsetAt } from './times.ts'

/** A stretch of time, in epoch milliseconds. */
export interface TimeWindow {
  from: number
  to: number
}

export const SHORTEST_MS = 200
export const LONGEST_MS = 30 * 86_400_000

export const msPerPx = (window: TimeWindow, width: number): number => (window.to - window.from) / Math.max(1, width)
export const project = (window: TimeWindow, width: number, time: number): number =>
  (time - window.from) / msPerPx(window, width)
export const unproject = (window: TimeWindow, width: number, x: number): number =>
  window.from + x * msPerPx(window, width)

/** The window made `factor` times as long around a time that stays where it is, within the limits. */
export const zoomAt = (window: TimeWindow, factor: number, at: number): TimeWindow => {
  const span = window.to - window.from
  const next = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, span * factor))
  const from = at - ((at - window.from) / span) * next
  return { from, to: from + next }
}

export const pan = (window: TimeWindow, ms: number): TimeWindow => ({ from: window.from + ms, to: window.to + ms })

/** A window that shows `from`…`to` with some room at either side. */
export const fit = (from: number, to: number, room = 0.1): TimeWindow => {
  const span = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (to - from) * (1 + 2 * room)))
  const middle = (from + to) / 2
  return { from: middle - span / 2, to: middle + span / 2 }
}

/** The window moved, not stretched, as little as needed to show a time away from its edges. */
export const reveal = (window: TimeWindow, from: number, to: number): TimeWindow => {
  const span = window.to - window.from
  if (to > window.from + span * 0.02 && from < window.to - span * 0.02) return window
  const middle = Math.min((from + to) / 2, from + span / 2)
  return { from: middle - span / 2, to: middle + span / 2 }
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
const STEPS = [
  ...[5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 5, 10].map((n) => n * DAY),
]

/** The smallest pleasant step that leaves `leastPx` between two ticks. */
export const tickStep = (msPerPixel: number, leastPx = 92): number =>
  STEPS.find((step) => step / msPerPixel >= leastPx) ?? 10 * DAY

/** The times of the ticks in a window: round in the zone's own clock, also across a change of that clock. */
export const ticks = (window: TimeWindow, step: number, zone: string): number[] => {
  const times: number[] = []
  let local = Math.ceil((window.from + offsetAt(window.from, zone) - HOUR) / step) * step
  for (; times.length < 200; local += step) {
    const time = local - offsetAt(local - offsetAt(local, zone), zone)
    if (time > window.to) break
    if (time >= window.from && time !== times.at(-1)) times.push(time)
  }
  return times
}
