// A figure per minute must read true from the first second on, not only after two whole minutes.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { test as hashes } from '../../test/support/fixtures.ts'
import { minuteOf, totalsKey } from './buckets.ts'
import { createMinuteHashes, createSlotHashes, lastMinute } from './minutes.ts'
import { MINUTE_MS } from './slots.ts'

const AT = Date.UTC(2026, 10, 22, 11, 0)

test('a k1n that has run for twenty seconds says what it did in them, not zero', () => {
  expect(lastMinute(0, 41, AT + 20_000)).toBe(41)
})

test('a steady rate reads the same at any second of the minute', () => {
  fc.assert(
    fc.property(fc.nat(59_999), fc.nat(100), (into, perSecond) => {
      const running = (perSecond * into) / 1000
      expect(lastMinute(perSecond * 60, running, AT + into)).toBe(perSecond * 60)
    }),
  )
})

hashes('minutes that are long over are read once in a minute, the others each time', async ({ kernel, clock }) => {
  const now = minuteOf(clock.now())
  const read = createMinuteHashes(kernel, totalsKey)
  const count = (back: number, value: number) =>
    kernel.redis.hset(totalsKey(kernel, now - back), { completed: String(value) })
  const completed = async () => (await read([now, now - 2, now - 3])).map((hash) => hash['completed'])
  for (const back of [0, 2, 3]) await count(back, 1)
  expect(await completed()).toEqual(['1', '1', '1'])
  for (const back of [0, 2, 3]) await count(back, 2)
  expect(await completed()).toEqual(['2', '2', '1'])
  await clock.advance(60_000)
  expect(await completed()).toEqual(['2', '2', '2'])
})

hashes(
  'what one caller found remembered is told to it, though it is forgotten for the next',
  async ({ kernel, clock }) => {
    const now = minuteOf(clock.now())
    const read = createMinuteHashes(kernel, totalsKey)
    for (const back of [3, 4]) await kernel.redis.hset(totalsKey(kernel, now - back), { completed: '7' })
    const seven = [{ completed: '7' }, { completed: '7' }]
    await read([now - 3])
    const first = read([now - 3, now - 4])
    // The memory is over while the first one still waits for what it had to ask for.
    const over = clock.advance(60_000)
    const second = read([now - 3, now - 4])
    await over
    expect(await Promise.all([first, second])).toEqual([seven, seven])
  },
)

hashes('of very many minutes only so many are remembered', async ({ kernel, clock }) => {
  const now = minuteOf(clock.now())
  const read = createSlotHashes(kernel, totalsKey, { widthMs: MINUTE_MS, most: 3 })
  const put = (value: string) =>
    Promise.all(
      [10, 11, 12, 13, 14].map((back) => kernel.redis.hset(totalsKey(kernel, now - back), { completed: value })),
    )
  const told = async (back: number) => (await read([now - back]))[0]?.['completed']
  await put('1')
  await read([10, 11, 12, 13, 14].map((back) => now - back))
  await put('2')
  expect([await told(14), await told(12), await told(13), await told(10)]).toEqual(['1', '1', '1', '2'])
})
