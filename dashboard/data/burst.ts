// Fetching again when events come in bursts: soon after the first of them, and once more when what they changed has settled.

/** A burst of events is one fetch. */
const SOON_MS = 500
/** What the recorder keeps, such as the groups of dead letters, follows the events in about a second. */
const SETTLED_MS = 1_500

export interface Burst {
  /** Something happened. */
  readonly happened: () => void
  /** Calls at once, unless a call is under way; says whether it did. For those who look now and then beside what they hear. */
  readonly now: () => boolean
  readonly stop: () => void
}

/** So long a call is waited for: one that never ends, as where the machine slept, keeps nobody from the next. */
const BUSY_MAX_MS = 15_000

/** Calls `then` half a second after something happened, however often it goes on happening, and again after the last of it. Each call is
 *  waited for, so that a slow one comes to its end. */
export const createBurst = (then: () => Promise<unknown>): Burst => {
  let busy: ReturnType<typeof setTimeout> | undefined
  let again = false
  const begin = (): void => {
    const mine = setTimeout(() => over(), BUSY_MAX_MS)
    const over = (): void => {
      clearTimeout(mine)
      if (busy !== mine) return
      busy = undefined
      if (again) callSoon()
    }
    busy = mine
    void then().then(over, over)
  }
  const call = (): void => {
    again = busy !== undefined
    if (!again) begin()
  }
  let soon: ReturnType<typeof setTimeout> | undefined
  const callSoon = (): void => {
    soon ??= setTimeout(() => {
      soon = undefined
      call()
    }, SOON_MS)
  }
  let settled: ReturnType<typeof setTimeout> | undefined
  return {
    happened() {
      callSoon()
      clearTimeout(settled)
      settled = setTimeout(call, SETTLED_MS)
    },
    now() {
      const isFree = busy === undefined
      if (isFree) begin()
      return isFree
    },
    stop() {
      again = false
      clearTimeout(busy)
      clearTimeout(soon)
      clearTimeout(settled)
    },
  }
}
