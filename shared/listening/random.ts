// Reproducible chance: the same seed gives the same numbers on every machine.

export type Random = {
  /** At least 0, below 1. */
  next(): number
  /** A whole number from 0 to `below - 1`. */
  below(below: number): number
  pick<T>(items: readonly T[]): T
}

/** The generator known as mulberry32: 32 bits of state are plenty for test data and unfit for secrets. */
export const random = (seed: number): Random => {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return { next, below, pick: (items) => items[below(items.length)] as (typeof items)[number] }
}
