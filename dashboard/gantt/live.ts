// The live edge: what time it is at the server, and the window that follows it.
import type { TimeWindow } from './scale.ts'

/** Where now stands in a following window, as a share of its width. */
export const EDGE = 0.96
const SAMPLES = 16

/** A clock a timeline can follow. */
export interface Clock {
  /** Epoch milliseconds; never less than an answer before. */
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

/** The server's time, learnt from the times its frames carry. The quickest of the last sixteen frames counts, since
 *  only delay can make one seem older. Until a frame came, it is this machine's own time. */
export class ServerClock implements Clock {
  readonly #local: () => number
  readonly #lags: number[] = []
  #lag = 0
  #latest = -Infinity

  /** `local` must run evenly; the default does not jump when somebody sets the machine's clock. */
  constructor(local: () => number = () => performance.timeOrigin + performance.now()) {
    this.#local = local
  }

  /** Takes the time a frame was sent, the moment it arrives. */
  sample(sentAt: number): void {
    this.#lags.push(this.#local() - sentAt)
    if (this.#lags.length > SAMPLES) this.#lags.shift()
    this.#lag = Math.min(...this.#lags)
  }

  now(): number {
    this.#latest = Math.max(this.#latest, this.#local() - this.#lag)
    return this.#latest
  }
}

/** How long until the live edge has moved by one device pixel, so that no frame is drawn that shows nothing new. With
 *  `calm`, as for people who asked for less motion, it moves once a second. */
export const nextStepMs = (msPerPixel: number, pixelRatio: number, calm: boolean): number =>
  calm ? 1000 : Math.min(1000, msPerPixel / pixelRatio)
