// The stored items of an operation, read slice by slice.
import type { Run } from './running.ts'

/** The items from where the record stands. */
export const createItems = ({ store, tenure, work }: Run) => {
  let { chunk, offset } = tenure.record
  let loaded: { chunk: number; items: Promise<unknown[]> } | undefined
  let upcoming: typeof loaded
  const fetch = (which: number): NonNullable<typeof loaded> => {
    const items = store.items(work.id, which)
    // Whoever needs them hears of a failure.
    items.catch(() => undefined)
    return { chunk: which, items }
  }
  /** The slice at hand; the one after it is on its way meanwhile. */
  const load = (): Promise<unknown[]> => {
    if (loaded?.chunk !== chunk) {
      loaded = upcoming?.chunk === chunk ? upcoming : fetch(chunk)
      upcoming = fetch(chunk + 1)
    }
    return loaded.items
  }
  return {
    /** At most so many, all of one stored slice; none at the end. */
    async next(most: number): Promise<unknown[]> {
      let items = await load()
      if (items.length > 0 && offset >= items.length) {
        chunk++
        offset = 0
        items = await load()
      }
      const slice = items.slice(offset, offset + most)
      offset += slice.length
      return slice
    },
    /** Where the next item is. */
    place: () => ({ chunk, offset }),
  }
}

/** Items by their number from the start. */
export const itemsBetween = async ({ store, work }: Run, from: number, to: number): Promise<unknown[]> => {
  const found: unknown[] = []
  for (let chunk = 0, first = 0; first < to; chunk++) {
    const items = await store.items(work.id, chunk)
    if (items.length === 0) break
    found.push(...items.slice(Math.max(0, from - first), Math.max(0, to - first)))
    first += items.length
  }
  return found
}
