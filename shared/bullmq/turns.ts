// Tells busy times from calm ones by how much happens in one turn of the event loop.

/** What a turn may have and be calm. */
const CALM = 3
/** How much one turn changes the picture: a busy time has small turns too. */
const WEIGHT = 1 / 8

export interface Turns {
  /** Counts one more in this turn; true when it pays to gather what this turn has from here on. */
  next(): boolean
}

/** Calm at first. Busy while turns have more than three on average, and for the rest of a turn that has had three. */
export const createTurns = (): Turns => {
  let count = 0
  let usual = 0
  const end = (): void => {
    usual += (count - usual) * WEIGHT
    count = 0
  }
  return {
    next() {
      if (count++ === 0) setImmediate(end)
      return usual > CALM || count > CALM
    },
  }
}
