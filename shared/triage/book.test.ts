// What the book promises: numbers that name one facet at a time, and a bound on everything.
import { describe, expect, test } from 'vitest'
import { createBook } from './book.ts'
import type { Death } from './death.ts'
import { REST_ID, openOf, packPart, partField, unpackPart } from './part.ts'
import { FACETS, NO_DEATH, REST } from './place.ts'

const death = (more: Partial<Death> = {}): Death => ({
  fingerprint: 'a'.repeat(16),
  title: 'boom',
  name: 'n',
  errorName: 'E',
  errorClass: 'unknown',
  reason: 'exhausted',
  version: null,
  ...more,
})
const of = (fingerprint: string): Death => death({ fingerprint })

describe('a facet', () => {
  test('is one for equal deaths, and another for another version, class or reason', () => {
    const book = createBook([])
    const { part } = book.partFor('q', death(), 'j', 1)
    const no = (more: Partial<Death>) => book.facetFor(part, death(more)).facet.no
    const first = no({})
    expect(no({})).toBe(first)
    const others = [no({ version: '1' }), no({ reason: 'timeout' }), no({ errorClass: 'permanent' })]
    expect(new Set([first, ...others]).size).toBe(4)
    expect(others).not.toContain(NO_DEATH)
  })

  test('gives its number back when its last entry goes, to be used again as late as can be', () => {
    const book = createBook([])
    const { part } = book.partFor('q', death(), 'j', 1)
    const filed = book.facetFor(part, death())
    filed.facet.open = 1
    book.gone(filed)
    expect(part.facets).toEqual([])
    expect(book.byNumber('q', filed.facet.no)).toBeUndefined()
    expect(book.facetFor(part, death()).facet.no).not.toBe(filed.facet.no)
  })

  test('for which no number is left is the rest', () => {
    const book = createBook([])
    const { part } = book.partFor('q', death(), 'j', 1)
    const numbers = new Set<number>()
    for (let version = 0; version < FACETS; version++) {
      const filed = book.facetFor(part, death({ version: String(version) }))
      filed.facet.open++
      numbers.add(filed.facet.no)
    }
    expect(numbers.size).toBe(FACETS - 1)
    expect(book.byNumber('q', REST)?.part.fingerprint).toBe(REST_ID)
    expect(book.facetFor(book.partFor('other', death(), 'j', 1).part, death()).facet.no).toBe(1)
  })
})

describe('parts', () => {
  test('beyond the most that are kept make the one without entries go that died longest ago, else they are the rest', () => {
    const book = createBook([], 3)
    const [a, b, c] = ['a', 'b', 'c'].map((id, at) => book.partFor('q', of(id), 'j', at).part)
    if (!a || !b || !c) throw new Error('three were made')
    book.facetFor(a, of('a')).facet.open++
    const fourth = book.partFor('q', of('d'), 'j', 9)
    expect(fourth).toMatchObject({ isNew: true, dropped: { fingerprint: 'b' } })
    for (const part of [c, fourth.part]) book.facetFor(part, of(part.fingerprint)).facet.open++
    const fifth = book.partFor('q', of('e'), 'j', 9)
    expect([fifth.isNew, fifth.part.fingerprint]).toEqual([false, REST_ID])
    expect(book.partFor('q', of('f'), 'j', 9).part).toBe(fifth.part)
    expect(book.facetFor(fifth.part, of('e')).facet.no).toBe(REST)
  })

  test('are read back as they were stored, whatever their queue is called', () => {
    const book = createBook([])
    const { part } = book.partFor('odd@queue|name', death({ version: '1' }), 'j', 5)
    book.facetFor(part, death({ version: '1' })).facet.open = 7
    const read = unpackPart(partField(part), packPart(part))
    expect(read).toEqual(part)
    expect(openOf(read)).toBe(7)
    expect(createBook([read]).byNumber('odd@queue|name', part.facets[0]?.no ?? 0)?.facet.open).toBe(7)
  })
})
