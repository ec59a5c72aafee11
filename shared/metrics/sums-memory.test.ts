// What is remembered of sums stays within one bound, whoever asked, and goes when its time is over.
import { expect, test } from '../../test/support/fixtures.ts'
import { MINUTE_MS, slotNo } from './slots.ts'
import { REMEMBERED_MAX, createMemory } from './sums-memory.ts'
import type { Buckets } from './sums-memory.ts'

/** More than half of what may be remembered. */
const large = new Map(Array.from({ length: 0.6 * REMEMBERED_MAX }, (_, index) => [String(index), 1]))

test('memories share what may be remembered, and room comes back when its time is over', async ({ kernel, clock }) => {
  const asked: string[] = []
  const memoryOf = (name: string) =>
    createMemory(kernel, name, async (buckets: Buckets) => {
      asked.push(...buckets.map(() => name))
      return buckets.map(() => large)
    })
  const [one, other] = [memoryOf('one'), memoryOf('other')]
  const old: Buckets = [[{ no: slotNo(clock.now(), MINUTE_MS) - 60, widthMs: MINUTE_MS }]]
  const askAll = async () => {
    asked.length = 0
    for (const memory of [one, other, memoryOf('one')]) expect((await memory(old))[0]).toBe(large)
    return asked.join()
  }
  expect(await askAll()).toBe('one,other')
  expect(await askAll()).toBe('other')
  await clock.advance(5 * MINUTE_MS)
  await other(old)
  expect(await askAll()).toBe('one,one')
})
