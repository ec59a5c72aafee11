// One number for facet and time: both come out as they went in, and order is facet first, then time.
import fc from 'fast-check'
import { describe, expect, test } from '../../test/support/fixtures.ts'
import { FACETS, facetOf, rangeOf, scoreOf, timeOf } from './place.ts'

const facet = fc.nat(FACETS - 1)
const time = fc.nat({ max: Date.UTC(2109, 0, 1) })

describe('a place', () => {
  test('tells facet and time exactly', () => {
    fc.assert(
      fc.property(facet, time, (no, at) => {
        const score = scoreOf(no, at)
        expect([facetOf(score), timeOf(score)]).toEqual([no, at])
        expect(Number.isSafeInteger(score) || Math.abs(score) <= 2 ** 53).toBe(true)
      }),
    )
  })

  test('comes before another of a later facet, or of the same and a later time', () => {
    fc.assert(
      fc.property(facet, time, facet, time, (a, at, b, then) => {
        const first = a < b || (a === b && at < then)
        expect(scoreOf(a, at) < scoreOf(b, then)).toBe(first)
      }),
    )
  })

  test('is the same in Redis, to which numbers of that size are no whole ones', async ({ kernel }) => {
    const key = kernel.key('places')
    const cases = [0, 1, 2_047, 2_048, FACETS - 1].flatMap((no) => [0, 1, 1_700_000_000_123, 2 ** 42 - 1].map((at) => [no, at] as const)) // prettier-ignore
    for (const [no, at] of cases) await kernel.redis.zadd(key, scoreOf(no, at), `${no} ${at}`)
    for (const [no, at] of cases) {
      const score = Number(await kernel.redis.zscore(key, `${no} ${at}`))
      expect([facetOf(score), timeOf(score)]).toEqual([no, at])
      expect(await kernel.redis.zcount(key, ...rangeOf(no))).toBe(4)
      expect(await kernel.redis.zcount(key, ...rangeOf(no, at, at + 1))).toBe(1)
    }
  })

  test('beyond its times is put at their ends', () => {
    expect([timeOf(scoreOf(5, -1)), facetOf(scoreOf(5, 1e300))]).toEqual([0, 5])
  })
})
