// Counts what each principal holds open, up to a limit.

export interface Counter {
  /** Takes one for `id` and answers how to give it back, once; undefined when the limit is reached. */
  take(id: string): (() => void) | undefined
}

export const createCounter = (limit: number): Counter => {
  const held = new Map<string, number>()
  const change = (id: string, by: number): void => {
    const count = (held.get(id) ?? 0) + by
    if (count > 0) held.set(id, count)
    else held.delete(id)
  }
  return {
    take(id) {
      if ((held.get(id) ?? 0) >= limit) return undefined
      change(id, 1)
      let given = false
      return () => {
        if (!given) change(id, -1)
        given = true
      }
    },
  }
}
