// Joins what one turn of the event loop asks for into one call: requests that wake together travel together.

interface Waiting<Item, Result> {
  item: Item
  resolve: (result: Result) => void
  reject: (error: unknown) => void
}

/** Items asked for at once in one call; more go in several. */
const MOST = 200

/** Answers each item with the result at its place. When a call fails, all of its items do. */
export const createBatch = <Item, Result>(
  call: (items: Item[]) => Promise<Result[]>,
): ((item: Item) => Promise<Result>) => {
  let waiting: Waiting<Item, Result>[] = []
  const run = async (group: Waiting<Item, Result>[]): Promise<void> => {
    try {
      const results = await call(group.map(({ item }) => item))
      group.forEach(({ resolve }, i) => resolve(results[i] as Result))
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }
  const flush = (): void => {
    const all = waiting
    waiting = []
    for (let i = 0; i < all.length; i += MOST) void run(all.slice(i, i + MOST))
  }
  return (item) =>
    new Promise((resolve, reject) => {
      if (waiting.push({ item, resolve, reject }) === 1) setImmediate(flush)
    })
}
