// How many items may go now: exactly so many a second in the long run, without making up for a long standstill in one burst.

/** Items go in gulps of this length, so that a fast pace does not mean a call for each. */
const GULP_MS = 50
/** The most that is made up for after a standstill. */
const BURST_MS = 1_000

export interface Allowance {
  /** At least one, or none and the time until there is one. */
  readonly count: number
  readonly waitMs: number
}

export interface Pacer {
  /** How many may go at `now`; `pace` is items a second, null for as many as there are. */
  allow(now: number, pace: number | null): Allowance
  took(count: number): void
}

/** Counts from a fixed moment, so that being late once does not make it slower for ever. A new pace begins a new count. */
export const createPacer = (): Pacer => {
  let anchor = 0
  let taken = 0
  let current: number | null = null
  const begin = (now: number, pace: number): void => {
    current = pace
    anchor = now
    taken = 0
  }
  return {
    allow(now, pace) {
      if (pace === null) {
        current = null
        return { count: Number.POSITIVE_INFINITY, waitMs: 0 }
      }
      if (pace !== current) begin(now, pace)
      anchor = Math.max(anchor, now - BURST_MS - (taken / pace) * 1_000)
      // The first goes at once; after it one for each of its times.
      const due = Math.floor(((now - anchor) / 1_000) * pace + 1e-6) + 1 - taken
      const gulp = Math.max(1, Math.floor((pace * GULP_MS) / 1_000))
      if (due >= gulp) return { count: due, waitMs: 0 }
      return { count: 0, waitMs: Math.max(1, Math.ceil(anchor + ((taken + gulp - 1) / pace) * 1_000 - now)) }
    },
    took(count) {
      taken += count
    },
  }
}
