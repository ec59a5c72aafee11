// A line before Redis: who asks in one turn asks together, and who comes while Redis answers asks with the next.

/** Bounds the memory of a process whose callers do not wait for their answers. */
const ASKERS_MAX = 10_000

export interface Line<Asker> {
  /** Nobody is in line, so one that needs no answer of Redis passes nobody by. */
  readonly isEmpty: boolean
  /** False where too many wait already. */
  join(asker: Asker): boolean
  /** Settles once more although nobody asks; resolves when all is settled. */
  run(): Promise<void>
}

/** `settle` answers some or all of those in line and takes them out of it. It runs by itself only, never twice at a time,
 *  until nobody waits. It must not throw. */
export const createLine = <Asker>(settle: (askers: Asker[]) => Promise<void>): Line<Asker> => {
  const askers: Asker[] = []
  let moving: Promise<void> | undefined
  let isCalled = false
  const move = async (): Promise<void> => {
    // Those who ask later in this turn are in line by then.
    await Promise.resolve()
    while (isCalled || askers.length > 0) {
      isCalled = false
      await settle(askers)
    }
    moving = undefined
  }
  return {
    get isEmpty() {
      return askers.length === 0
    },
    join(asker) {
      if (askers.length >= ASKERS_MAX) return false
      askers.push(asker)
      moving ??= move()
      return true
    },
    run() {
      isCalled = true
      return (moving ??= move())
    },
  }
}
