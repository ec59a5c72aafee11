// A figure per minute must read true from the first second on, not only after two whole minutes.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { test as hashes } from '../../test/support/fixtures.ts'
import { minuteOf, totalsKey } from './buckets.ts'
import { createMinuteHashes, lastMinute } from './minutes.ts'

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
