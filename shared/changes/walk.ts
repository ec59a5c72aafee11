// Goes through a list page after page, as far as one call may.
import type { Page } from '../kernel/page.ts'

/** What was found of one kind of change, and how far back it was looked. */
export interface Found<Item> {
  items: Item[]
  complete: boolean
  /** Epoch ms. */
  from: number
}

/** Rows of one page, the most that lists answer. */
export const PAGE = 200

/** The rows of at most so many pages; `complete` when that was all. */
export const walk = async <Item>(
  pages: number,
  read: (cursor: string | undefined) => Promise<Page<Item>>,
): Promise<{ items: Item[]; complete: boolean }> => {
  const items: Item[] = []
  let cursor: string | undefined
  for (let n = 0; n < pages; n++) {
    const { data, page } = await read(cursor)
    items.push(...data)
    cursor = page.next_cursor ?? undefined
    if (cursor === undefined) return { items, complete: true }
  }
  return { items, complete: false }
}
