// A walk from the oldest entries on goes on where it stood, whatever comes and goes meanwhile, and reads each entry once.
import { expect, test } from '../../test/support/fixtures.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Source } from './newest.ts'
import { oldestFirst } from './oldest.ts'

const T = 1_700_000_000_000
const idOf = (n: number): string => `j${String(n).padStart(5, '0')}`
const setOf = (kernel: Kernel, queue = 'mail'): Source => ({ key: kernel.key('t', queue), queue })

/** `count` entries of one moment. */
const fill = async (kernel: Kernel, { key }: Source, count: number, at = T): Promise<void> => {
  await kernel.redis.zadd(key, ...Array.from({ length: count }, (_, n) => [at, idOf(n)]).flat())
}

/** Counts the rows that Redis is asked for. */
const counting = (kernel: Kernel): { rows: number } => {
  const read = { rows: 0 }
  const { redis } = kernel
  const asked = redis.zrangebyscore.bind(redis) as (...args: unknown[]) => Promise<string[]>
  const counted = async (...args: unknown[]): Promise<string[]> => {
    const rows = await asked(...args)
    read.rows += rows.length / 2
    return rows
  }
  return Object.assign(redis, { zrangebyscore: counted }) && read
}

test('very many of one moment are read once each, and one more a page', async ({ kernel }) => {
  const set = setOf(kernel)
  await fill(kernel, set, 5_000)
  const read = counting(kernel)
  const pages = await Array.fromAsync(oldestFirst(kernel, [set]))
  expect(pages.map(({ length }) => length)).toEqual(Array.from({ length: 10 }, () => 500))
  expect(new Set(pages.flat().map(({ address }) => address)).size).toBe(5_000)
  expect(read.rows).toBeLessThan(5_050)
})

test('what comes and goes at the very moment the walk stands at moves nothing', async ({ kernel }) => {
  const set = setOf(kernel)
  await fill(kernel, set, 2_200)
  const found: string[] = []
  for await (const page of oldestFirst(kernel, [set])) {
    found.push(...page.map(({ address }) => address))
    // Of what was given, the last and others go; one comes that would have been given before them.
    await kernel.redis.zrem(set.key, ...Array.from({ length: 200 }, (_, n) => idOf(found.length - 1 - n)))
    await kernel.redis.zadd(set.key, T, `a${found.length}`)
  }
  expect(found).toEqual(Array.from({ length: 2_200 }, (_, n) => `mail:${idOf(n)}`))
})

test('when all that was given is removed, the rest is still given', async ({ kernel }) => {
  const set = setOf(kernel)
  await fill(kernel, set, 1_300)
  const lengths: number[] = []
  for await (const page of oldestFirst(kernel, [set])) {
    lengths.push(page.length)
    await kernel.redis.zrem(set.key, ...page.map(({ address }) => address.slice('mail:'.length)))
  }
  expect(lengths).toEqual([500, 500, 300])
})

test('where few are wanted the first pages are short', async ({ kernel }) => {
  const set = setOf(kernel)
  await fill(kernel, set, 1_300)
  const pages = await Array.fromAsync(oldestFirst(kernel, [set], {}, 60))
  expect(pages.map(({ length }) => length)).toEqual([60, 60, 60, 240, 500, 380])
  expect(new Set(pages.flat().map(({ address }) => address)).size).toBe(1_300)
})

test('of many sets little is read of each, and all of it is merged', async ({ kernel }) => {
  const sets = Array.from({ length: 120 }, (_, n) => setOf(kernel, `q${n}`))
  for (const [n, set] of sets.entries()) await fill(kernel, set, n === 7 ? 900 : 3, T + n)
  const found = (await Array.fromAsync(oldestFirst(kernel, sets))).flat()
  expect(found).toHaveLength(900 + 119 * 3)
  expect(found.map(({ at }) => at)).toEqual(found.map(({ at }) => at).sort((a, b) => a - b))
})

test('what is no sorted set holds nothing', async ({ kernel }) => {
  const set = setOf(kernel)
  await kernel.redis.set(set.key, 'x')
  expect(await Array.fromAsync(oldestFirst(kernel, [set]))).toEqual([])
})
