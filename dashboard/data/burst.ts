// Fetching again when events come in bursts: soon after the first of them, and once more when what they changed has settled.

/** A burst of events is one fetch. */
const SOON_MS = 500
/** What the recorder keeps, such as the groups of dead letters, follows the events in about a second. */
const SETTLED_MS = 1_500

export interface Burst {
  /** Something happened. */
  readonly happened: () => void
  readonly stop: () => void
}

/** Calls `then` half a second after something happened, however often it goes on happening, and again after the last of it. Each call is
 *  waited for, so that a slow one comes to its end. */
export const createBurst = (then: () => Promise<unknown>): Burst => {
  let isBusy = false
  let again = false
  const over = (): void => {
    isBusy = false
    if (again) callSoon()
  }
  const call = (): void => {
    again = isBusy
    if (isBusy) return
    isBusy = true
    void then().then(over, over)
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
    stop() {
      again = false
      clearTimeout(soon)
      clearTimeout(settled)
    },
  }
}
