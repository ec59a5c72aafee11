// The live edge: a now that never goes back, the window that follows it, and when it has moved enough to be drawn.
import type { TimeWindow } from './scale.ts'

/** Where now stands in a following window, as a share of its width. */
export const EDGE = 0.96

/** A clock a timeline can follow; the dashboard's own is corrected to the server's time. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
}

/** The window of the same length that has now at its place. */
export const following = (window: TimeWindow, now: number): TimeWindow => {
  const span = window.to - window.from
  return { from: now - span * EDGE, to: now + span * (1 - EDGE) }
}

/** The same clock, but an answer is never less than the one before. */
export const steady = (clock: Clock): Clock => {
  let latest = -Infinity
  return { now: () => (latest = Math.max(latest, clock.now())) }
}

/** How long until the live edge has moved by one device pixel, so that no frame is drawn that shows nothing new. With
 *  `calm`, as for people who asked for less motion, it moves once a second. */
export const nextStepMs = (msPerPixel: number, pixelRatio: number, calm: boolean): number =>
  calm ? 1000 : Math.min(1000, msPerPixel / pixelRatio)
