// Deadlines of many attempts over one sleeper: a timer for each would cost more than most of them do.
import { createBag } from '../kernel/bag.ts'
import type { Clock } from '../kernel/clock.ts'

export interface Deadlines {
  /** Calls `passed` in `ms` from now, unless what it answers is called before. */
  set(ms: number, passed: () => void): () => void
}

interface Deadline {
  at: number
  passed: () => void
  withdraw: () => void
}

export const createDeadlines = (clock: Clock): Deadlines => {
  const waiting = createBag<Deadline>()
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
      else pass(deadline)
    }
    if (next < wakesAt) sleepUntil(next)
  }
  return {
    set(ms, passed) {
      const deadline: Deadline = { at: clock.now() + ms, passed, withdraw: () => undefined }
      deadline.withdraw = waiting.add(deadline)
      if (deadline.at < wakesAt) sleepUntil(deadline.at)
      return deadline.withdraw
    },
  }
}

const pass = ({ passed, withdraw }: Deadline): void => {
  withdraw()
  passed()
}
