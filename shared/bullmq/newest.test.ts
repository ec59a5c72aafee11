// A walk over many sets is the same whatever is read at once: nothing twice, nothing left out, in one order.
import fc from 'fast-check'
import { expect, test } from '../../test/support/fixtures.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { newestOf, toPlace } from './newest.ts'
import type { Place, Source } from './newest.ts'
import { oldestFirst } from './oldest.ts'

const entries = fc.uniqueArray(
  fc.record({ set: fc.nat(5), at: fc.nat(12), id: fc.string({ minLength: 1, maxLength: 3, unit: 'grapheme' }) }),
  { maxLength: 80, selector: ({ set, id }) => `${set} ${id}` },
)
const BASE = -(2 ** 45)
const END = BASE + 1_000

/** Some reach beyond the ranges of the set, where those of others begin. */
const ranges = fc.record({ from: fc.constantFrom(0, 6, -1_500), before: fc.constantFrom(11, 1_500) })

/** Three whole sets, one with scaled scores, and ranges of one set. */
const sourcesOf = (kernel: Kernel, round: number): Source[] => [
  { key: kernel.key('t', round, 0), queue: 'a' },
  { key: kernel.key('t', round, 1), queue: 'b', scale: 4_096 },
  { key: kernel.key('t', round, 2), queue: 'c' },
  { key: kernel.key('t', round, 3), queue: 'd', base: BASE, end: END },
  { key: kernel.key('t', round, 3), queue: 'd', base: END, end: END + 1_000 },
  { key: kernel.key('t', round, 5), queue: 'f' },
]

test('newest first page by page, and oldest first on and on, they are what sorting everything gives', async ({
  kernel,
}) => {
  let round = 0
  await fc.assert(
    fc.asyncProperty(entries, fc.integer({ min: 1, max: 9 }), ranges, async (all, size, range) => {
      const sources = sourcesOf(kernel, round++)
      const unique = new Map(all.map((entry) => [`${sources[entry.set]?.key ?? ''} ${entry.id}`, entry]))
      for (const { set, at, id } of unique.values()) {
        const { key, base = 0, scale = 1 } = sources[set] as Source
        await kernel.redis.zadd(key, base + at * scale, id)
      }
      const expected = [...unique.values()]
        .filter(({ at }) => at >= range.from && at < range.before)
        .map(({ set, at, id }) => ({ at, address: `${sources[set]?.queue ?? ''}:${id}` }))
        .sort(byNewest)
      expect(await walk((after) => newestOf(kernel, sources, size, after, range))).toEqual(expected)
      const oldest = (await Array.fromAsync(oldestFirst(kernel, sources, range))).flat().map(toPlace)
      expect(oldest.map(({ at }) => at)).toEqual(expected.map(({ at }) => at).reverse())
      expect(oldest.sort(byNewest)).toEqual(expected)
    }),
    { numRuns: 40 },
  )
})

test('a place far out in one set does not lead into the neighbours of a range of another', async ({ kernel }) => {
  const sources = sourcesOf(kernel, 0).slice(2, 4)
  await kernel.redis.zadd(sources[0]?.key ?? '', 'inf', 'endless')
  await kernel.redis.zadd(sources[1]?.key ?? '', BASE + 5, 'own', END + 5, 'of the neighbour')
  const found = await walk((after) => newestOf(kernel, sources, 1, after))
  expect(found.map(({ address }) => address)).toEqual(['c:endless', 'd:own'])
})

const byNewest = (a: Place, b: Place): number => b.at - a.at || (a.address < b.address ? 1 : -1)

const walk = async (page: (after: Place | undefined) => Promise<Place[]>): Promise<Place[]> => {
  const found: Place[] = []
  for (;;) {
    const places = await page(found.at(-1))
    if (places.length === 0) return found
    found.push(...places.map(toPlace))
  }
}
