// Deadlines of many attempts over one sleeper: a timer for each would cost more than most of them do.
import type { Clock } from '../kernel/clock.ts'

export interface Deadlines {
  /** Calls `passed` in `ms` from now, unless what it answers is called before. */
  set(ms: number, passed: () => void): () => void
}

interface Deadline {
  at: number
  passed: () => void
}

export const createDeadlines = (clock: Clock): Deadlines => {
  const waiting = new Set<Deadline>()
  let wakesAt = Infinity

  const sleepUntil = (at: number): void => {
    wakesAt = at
    void clock.sleep(at - clock.now()).then(() => wake(at))
  }
  const wake = (at: number): void => {
    if (at === wakesAt) wakesAt = Infinity
    const now = clock.now()
    let next = Infinity
    for (const deadline of waiting) {
      if (deadline.at > now) next = Math.min(next, deadline.at)
      else if (waiting.delete(deadline)) deadline.passed()
    }
    if (next < wakesAt) sleepUntil(next)
  }
  return {
    set(ms, passed) {
      const deadline = { at: clock.now() + ms, passed }
      waiting.add(deadline)
      if (deadline.at < wakesAt) sleepUntil(deadline.at)
      return () => waiting.delete(deadline)
    },
  }
}
