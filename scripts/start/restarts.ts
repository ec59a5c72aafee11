// When a child that died may start again: after a growing rest, at most five times a minute.

const windowMs = 60_000
const most = 5
const firstRestMs = 500
const longestRestMs = 8_000

export interface Restarts {
  /** How long to rest before the next start, in ms; nothing when it died too often. Rests double within the minute. */
  next(nowMs: number): number | undefined
}

export const createRestarts = (): Restarts => {
  let recent: number[] = []
  return {
    next(nowMs) {
      recent = recent.filter((at) => nowMs - at < windowMs)
      if (recent.length >= most) return undefined
      recent.push(nowMs)
      return Math.min(longestRestMs, firstRestMs * 2 ** (recent.length - 1))
    },
  }
}
