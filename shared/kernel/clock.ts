// Time as a value: production reads the machine's clock, tests stop it and move it by hand.

/** What may ask for the time. `now` is epoch milliseconds; `sleep` ends early, without an error, when `signal` aborts. */
export interface Clock {
  now(): number
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const timer = setTimeout(finish, ms)
      signal?.addEventListener('abort', finish, { once: true })
      function finish(): void {
        clearTimeout(timer)
        signal?.removeEventListener('abort', finish)
        resolve()
      }
    }),
}

/** What scripts are given for the time: -1 makes them take Redis's own, which a fleet shares; a test's clock gives its own. */
export const scriptTime = (clock: Clock): number => (clock === systemClock ? -1 : clock.now())

/** A clock that stands still until `advance` moves it; sleepers whose time has come wake in order. */
export interface StoppedClock extends Clock {
  /** Moves time forward and lets everything that was due run. */
  advance(ms: number): Promise<void>
  /** How many sleepers are waiting; a test can await that something has gone to sleep. */
  readonly sleepers: number
}

export const stoppedClock = (start = Date.UTC(2026, 0, 1)): StoppedClock => {
  let now = start
  const sleepers = new Set<{ at: number; wake: () => void }>()
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted || ms <= 0) return resolve()
        const sleeper = { at: now + ms, wake }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', wake, { once: true })
        function wake(): void {
          sleepers.delete(sleeper)
          resolve()
        }
      }),
    async advance(ms) {
      now += ms
      const due = [...sleepers].filter((sleeper) => sleeper.at <= now).sort((a, b) => a.at - b.at)
      for (const sleeper of due) sleeper.wake()
      await new Promise((resolve) => setImmediate(resolve))
    },
    get sleepers() {
      return sleepers.size
    },
  }
}

/** The last moment that the wire's form of instants can tell. */
export const LATEST = Date.UTC(10_000, 0) - 1

/** Epoch milliseconds that others wrote, as a moment between 1970 and the year 9999; 1970 for what is no number. */
export const inCalendar = (ms: number): number => (ms > 0 ? Math.min(ms, LATEST) : 0)

const REMEMBERED_MAX = 1_000
const remembered = new Map<number, string>()

/** Epoch milliseconds as the wire's RFC 3339 text, UTC with milliseconds. Many things happen in one millisecond and most
 *  are told twice, so the newest texts are kept: writing one costs as much as the rest of a small fact. Never throws:
 *  what lies outside `inCalendar` is told as its nearest moment. */
export const toIso = (ms: number): string => {
  const known = remembered.get(ms)
  if (known !== undefined) return known
  const text = new Date(inCalendar(ms)).toISOString()
  if (remembered.size >= REMEMBERED_MAX) remembered.clear()
  remembered.set(ms, text)
  return text
}
