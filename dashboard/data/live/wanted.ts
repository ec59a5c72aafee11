// The subscriptions of a way that takes all its topics at once, in its address.
import type { Want } from './wire.ts'

export interface Wanted {
  listen: (want: Want) => void
  forget: (id: number) => void
  /** All topics, each once. */
  topics: () => string[]
  /** The oldest cursor any of them goes on from. */
  after: () => string | undefined
}

/** Below 0 where the first of two cursors is the older one. */
export const older = (one: string, other: string): number => {
  const [a = 0, b = 0, c = 0, d = 0] = [...one.split('-'), ...other.split('-')].map(Number)
  return a - c || b - d
}

/** Gathers subscriptions; `changed` is called once after each burst of changes. */
export const gatherWants = (changed: () => void): Wanted => {
  const wants = new Map<number, Want>()
  let told = false
  const tell = (): void => {
    if (told) return
    told = true
    queueMicrotask(() => {
      told = false
      changed()
    })
  }
  return {
    listen: (want) => {
      wants.set(want.id, want)
      tell()
    },
    forget: (id) => {
      if (wants.delete(id)) tell()
    },
    topics: () => [...new Set([...wants.values()].map((want) => want.topic))].sort(),
    after: () =>
      [...wants.values()]
        .map((want) => want.after)
        .filter((after) => after !== undefined)
        .sort(older)[0],
  }
}
