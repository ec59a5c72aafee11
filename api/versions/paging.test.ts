// Numbered pages end where the list ends, and never before.
import { expect, test } from 'vitest'
import { NOTHING_YET, isInReach, numbered, rowsToAsk, walkOn } from './paging.ts'
import type { PageAsked, Walked } from './paging.ts'

/** A list walked past at once. */
const walked = (asked: PageAsked, all: readonly unknown[]): Walked => walkOn(asked, NOTHING_YET, all)

const rows = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

/** Pages as a client of version 1 takes them, until its `pages` are done. */
const walk = (size: number, limit: number): unknown[] => {
  const seen: unknown[] = []
  for (let page = 1, pages = 1; page <= pages; page++) {
    const all = rows(Math.min(size, page * limit))
    const asked = { page, limit }
    const { rows: given, meta } = numbered(asked, walked(asked, all), all.length < size)
    seen.push(...given)
    pages = meta.pages
  }
  return seen
}

test.each([0, 1, 19, 20, 21, 40, 41, 100])('a client that goes from page to page sees all %i rows once', (size) => {
  expect(walk(size, 20)).toEqual(rows(size))
})

test('the total is exact once the end was seen, and says so when it is not', () => {
  const asked = { page: 1, limit: 20 }
  expect(numbered(asked, walked(asked, rows(7)), false).meta).toEqual({
    ...asked,
    total: 7,
    pages: 1,
    totalIsEstimate: false,
  })
  expect(numbered(asked, walked(asked, rows(20)), true).meta).toEqual({
    ...asked,
    total: 21,
    pages: 2,
    totalIsEstimate: true,
  })
  const third = { page: 3, limit: 20 }
  expect(numbered(third, walked(third, rows(7)), false)).toMatchObject({ rows: [], meta: { total: 7, pages: 1 } })
})

test('of what was walked past only the rows of the page are held', () => {
  const asked = { page: 3, limit: 20 }
  const first = walkOn(asked, NOTHING_YET, rows(45))
  expect(first).toEqual({ count: 45, rows: [40, 41, 42, 43, 44] })
  expect(walkOn(asked, walkOn(asked, first, [45]), rows(30))).toEqual({
    count: 76,
    rows: [40, 41, 42, 43, 44, 45, ...rows(14)],
  })
  expect(walkOn({ page: 1, limit: 20 }, NOTHING_YET, rows(30)).rows).toEqual(rows(20))
})

test("a page is walked to in steps that today's lists give at once, 10,000 rows at most", () => {
  expect(rowsToAsk({ page: 1, limit: 20 }, 0)).toBe(20)
  expect(rowsToAsk({ page: 30, limit: 20 }, 0)).toBe(200)
  expect(rowsToAsk({ page: 30, limit: 20 }, 590)).toBe(10)
  expect(isInReach({ page: 100, limit: 100 })).toBe(true)
  expect(isInReach({ page: 101, limit: 100 })).toBe(false)
})
