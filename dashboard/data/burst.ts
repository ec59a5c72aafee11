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

/** Calls `then` half a second after something happened, however often it goes on happening, and again after the last of it. */
export const createBurst = (then: () => void): Burst => {
  let soon: ReturnType<typeof setTimeout> | undefined
  let settled: ReturnType<typeof setTimeout> | undefined
  return {
    happened() {
      soon ??= setTimeout(() => {
        soon = undefined
        then()
      }, SOON_MS)
      clearTimeout(settled)
      settled = setTimeout(then, SETTLED_MS)
    },
    stop() {
      clearTimeout(soon)
      clearTimeout(settled)
    },
  }
}
