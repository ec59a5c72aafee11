// A schema parses plainly until compiling it pays: after many parses, some of long lists, or at once for very many members.
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { faster } from './prepare.ts'

const rows = z.object({ data: z.array(z.int()) })
const listOf = (length: number) => ({ data: Array.from({ length }, (_, n) => n) })

/** How often the schema's own parser was asked. */
const plainParses = (...values: unknown[]): number => {
  const parse = vi.spyOn(rows, 'safeParse')
  const parser = faster(rows)
  for (const value of values) parser?.safeParse(value)
  const times = parse.mock.calls.length
  parse.mockRestore()
  return times
}

test('few and small are parsed plainly, a long list by compiled code from the first on', () => {
  expect(plainParses(listOf(3), listOf(3))).toBe(2)
  expect(plainParses(listOf(2_000), listOf(3))).toBe(0)
  expect(plainParses(...Array.from({ length: 220 }, () => listOf(0)))).toBe(199)
  expect(plainParses(...Array.from({ length: 220 }, () => listOf(90)))).toBe(19)
})

test('compiled or not, what does not fit is refused in the same words, and what is unknown is left out', () => {
  for (const length of [3, 2_000]) {
    const wrong = { data: [...listOf(length).data, 'x'] }
    expect(faster(rows)?.safeParse(wrong).error?.issues).toEqual(rows.safeParse(wrong).error?.issues)
    expect(faster(rows)?.safeParse({ ...listOf(length), more: 1 }).data).toEqual(listOf(length))
  }
})

test('a row without a schema has no parser', () => expect(faster(null)).toBeUndefined())
