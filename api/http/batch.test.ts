// What is asked for in one turn goes in one call, and each gets its own answer.
import { expect, test } from 'vitest'
import { createBatch } from './batch.ts'

test('items of one turn travel together, in order, and later ones in another call', async () => {
  const calls: number[][] = []
  const double = createBatch(async (items: number[]) => {
    calls.push(items)
    return items.map((item) => item * 2)
  })
  expect(await Promise.all([double(1), double(2), double(3)])).toEqual([2, 4, 6])
  expect(await double(4)).toBe(8)
  expect(calls).toEqual([[1, 2, 3], [4]])
})

test('more than 200 go in several calls', async () => {
  const sizes: number[] = []
  const same = createBatch(async (items: number[]) => {
    sizes.push(items.length)
    return items
  })
  const items = Array.from({ length: 450 }, (_, i) => i)
  expect(await Promise.all(items.map(same))).toEqual(items)
  expect(sizes).toEqual([200, 200, 50])
})

test('when a call fails all of its items do, and the next call is another', async () => {
  let away = true
  const ask = createBatch(async (items: string[]) => (away ? Promise.reject(new Error('away')) : items))
  const results = await Promise.allSettled([ask('a'), ask('b')])
  expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected'])
  away = false
  expect(await ask('c')).toBe('c')
})
