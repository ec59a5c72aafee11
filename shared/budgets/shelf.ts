// What a process keeps for each service it calls: made when it is asked for, forgotten when nobody has for a while.

export interface Shelf<Item> {
  of(name: string): Item
  /** Does something with each, all at once. */
  each(work: (item: Item) => Promise<void>): Promise<void>
  /** Forgets what was idle each of the last times this was called; to be called at an even pace. */
  forgetIdle(): void
}

const IDLE_TIMES = 240
const ITEMS_MAX = 10_000

/** Where there are too many, whatever is idle goes at once. What is in use is never forgotten, as it holds what Redis counts
 *  as this process's. */
export const createShelf = <Item extends { isIdle(): boolean }>(make: (name: string) => Item): Shelf<Item> => {
  const items = new Map<string, { item: Item; idle: number }>()
  const forget = (times: number): void => {
    for (const [name, entry] of items) {
      entry.idle = entry.item.isIdle() ? entry.idle + 1 : 0
      if (entry.idle > times) items.delete(name)
    }
  }
  return {
    of(name) {
      const known = items.get(name)
      if (known !== undefined) return known.item
      if (items.size >= ITEMS_MAX) forget(0)
      const item = make(name)
      items.set(name, { item, idle: 0 })
      return item
    },
    async each(work) {
      await Promise.all([...items.values()].map(({ item }) => work(item)))
    },
    forgetIdle: () => forget(IDLE_TIMES),
  }
}
