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

/** What was walked past, from the first row: of rows before the page only how many, as they may be large. */
export interface Walked {
  readonly count: number
  /** Those of the page. */
  readonly rows: readonly unknown[]
}

export const NOTHING_YET: Walked = { count: 0, rows: [] }

/** The same, further by the next rows. */
export const walkOn = ({ page, limit }: PageAsked, { count, rows }: Walked, next: readonly unknown[]): Walked => {
  const [from, to] = [(page - 1) * limit, page * limit].map((row) => Math.max(0, row - count))
  return { count: count + next.length, rows: [...rows, ...next.slice(from, to)] }
}

/** How many rows to ask for next, to have all up to the end of the page. */
export const rowsToAsk = ({ page, limit }: PageAsked, had: number): number => Math.min(ROWS_MAX, page * limit - had)

export interface Numbered {
  rows: readonly unknown[]
  /** `total` and `pages` are exact where the end of the list was seen. Else they count one row more than was seen, so that
   *  who asks for page after page goes on to the end; `totalIsEstimate` says so. */
  meta: { page: number; limit: number; total: number; pages: number; totalIsEstimate: boolean }
}

/** A page as it is told. */
export const numbered = ({ page, limit }: PageAsked, { count, rows }: Walked, hasMore: boolean): Numbered => {
  const total = count + (hasMore ? 1 : 0)
  const pages = Math.ceil(total / limit)
  return { rows, meta: { page, limit, total, pages, totalIsEstimate: hasMore } }
}
