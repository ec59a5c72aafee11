// Numbered pages over lists that are walked by cursor.
import { z } from 'zod'

/** How far into a list numbered pages reach, in rows: each page is walked to from the start. */
export const DEPTH_MAX = 10_000
/** Rows that today's lists give at once at most. */
const ROWS_MAX = 200

export interface PageAsked {
  page: number
  limit: number
}

/** The members of a query that say which page. */
export const pageShape = {
  page: z.coerce.number<number>().int().min(1).max(DEPTH_MAX).default(1),
  limit: z.coerce.number<number>().int().min(1).max(100).default(20),
}

/** Whether a page lies within what can be walked to. */
export const isInReach = ({ page, limit }: PageAsked): boolean => page * limit <= DEPTH_MAX

/** How many rows to ask for next, to have all up to the end of the page. */
export const rowsToAsk = ({ page, limit }: PageAsked, had: number): number => Math.min(ROWS_MAX, page * limit - had)

export interface Numbered {
  rows: unknown[]
  /** `total` and `pages` are exact where the end of the list was seen. Else they count one row more than was seen, so that
   *  who asks for page after page goes on to the end; `totalIsEstimate` says so. */
  meta: { page: number; limit: number; total: number; pages: number; totalIsEstimate: boolean }
}

/** The rows of a page out of all that were walked past, from the first. */
export const numbered = ({ page, limit }: PageAsked, walked: readonly unknown[], hasMore: boolean): Numbered => {
  const total = walked.length + (hasMore ? 1 : 0)
  const pages = Math.ceil(total / limit)
  return {
    rows: walked.slice((page - 1) * limit, page * limit),
    meta: { page, limit, total, pages, totalIsEstimate: hasMore },
  }
}
