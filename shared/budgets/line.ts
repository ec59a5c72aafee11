// A line before Redis: who asks in one turn asks together, and who comes while Redis answers asks with the next.

/** Bounds the memory of a process whose callers do not wait for their answers. */
const ASKERS_MAX = 10_000

export interface Line<Asker> {
  /** Nobody is in line, so one that needs no answer of Redis passes nobody by. */
  readonly isEmpty: boolean
  /** False where too many wait already. */
  join(asker: Asker): boolean
}

/** `settle` answers some or all of those in line and takes them out of it; it is called again until nobody waits. It must
 *  not throw. */
export const createLine = <Asker>(settle: (askers: Asker[]) => Promise<void>): Line<Asker> => {
  const askers: Asker[] = []
  let isMoving = false
  const move = async (): Promise<void> => {
    isMoving = true
    // Those who ask later in this turn are in line by then.
    await Promise.resolve()
    while (askers.length > 0) await settle(askers)
    isMoving = false
  }
  return {
    get isEmpty() {
      return askers.length === 0
    },
    join(asker) {
      if (askers.length >= ASKERS_MAX) return false
      askers.push(asker)
      if (!isMoving) void move()
      return true
    },
  }
}
