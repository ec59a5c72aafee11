// How late the event loop is: a timer that should come every tenth of a second tells by how much it did not.

/** ms between two looks. */
export const EVERY_MS = 100
/** Looks that must all have been late: neither a pause of the collector of garbage is an overload, nor a machine that does something
 *  else for a second or two. */
const LOOKS = 10

export interface LoopLag {
  /** The least of the last looks, in ms: for how long at least the loop has been late all the time. */
  readonly lasting: number
  /** The last look, in ms. */
  readonly last: number
  /** Takes in one look. */
  seen(lateMs: number): void
  start(): void
  stop(): void
}

export const createLoopLag = (now: () => number = () => performance.now()): LoopLag => {
  let looks: number[] = []
  let timer: NodeJS.Timeout | undefined
  const seen = (lateMs: number): void => {
    looks = [...looks, Math.max(0, lateMs)].slice(-LOOKS)
  }
  return {
    get lasting() {
      return looks.length < LOOKS ? 0 : Math.min(...looks)
    },
    get last() {
      return looks.at(-1) ?? 0
    },
    seen,
    start() {
      if (timer) return
      let due = now() + EVERY_MS
      timer = setInterval(() => {
        seen(now() - due)
        due = now() + EVERY_MS
      }, EVERY_MS)
      timer.unref()
    },
    stop() {
      clearInterval(timer)
      timer = undefined
    },
  }
}
