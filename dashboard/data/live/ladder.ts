// Which way to listen: WebSocket, else server-sent events, else long-poll; and how long to rest between tries.

export type Rung = 'ws' | 'sse' | 'poll'
export interface Ladder {
  rung: Rung
  /** When the last tries on this rung failed, epoch ms. */
  failures: readonly number[]
  /** Tries since something was heard. */
  tries: number
}

const FAILURES_MAX = 3
const WINDOW_MS = 30_000
const REST_MS = 250
const REST_MAX_MS = 15_000
/** How long a lower rung serves before the WebSocket is tried again beside it. */
export const CLIMB_MS = 60_000

const below: Record<Rung, Rung> = { ws: 'sse', sse: 'poll', poll: 'poll' }

export const startLadder = (): Ladder => ({ rung: 'ws', failures: [], tries: 0 })

/** The third failure within 30 s steps down. */
export const failed = (ladder: Ladder, now: number): Ladder => {
  const failures = [...ladder.failures.filter((at) => now - at < WINDOW_MS), now]
  if (failures.length < FAILURES_MAX || ladder.rung === 'poll') return { ...ladder, failures, tries: ladder.tries + 1 }
  return { rung: below[ladder.rung], failures: [], tries: 0 }
}

/** Something was heard: the next failure is the first again when it comes to resting. */
export const heard = (ladder: Ladder): Ladder => (ladder.tries === 0 ? ladder : { ...ladder, tries: 0 })

/** The WebSocket works again. */
export const climbed = (): Ladder => startLadder()

/** How long to rest before the next try: full jitter below 0.25 s × 2ⁿ, at most 15 s. `random` is 0–1. */
export const rest = (ladder: Ladder, random: number): number =>
  random * Math.min(REST_MAX_MS, REST_MS * 2 ** Math.min(ladder.tries, 10))
