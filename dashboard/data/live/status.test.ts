// What the corner of the page says about the connection, and the clock behind it.
import { expect, test } from 'vitest'
import { statusOf, type Link } from './status.ts'
import { Timing } from './timing.ts'

const link: Link = { standing: 'open', rung: 'ws', age: 38, heardAt: Date.UTC(2026, 10, 22, 10, 41, 7) }

test.each([
  [link, 'Live, 38 ms'],
  [{ ...link, age: undefined }, 'Live'],
  [{ ...link, rung: 'sse' as const }, 'Live, 38 ms'],
  [{ ...link, age: 4_100 }, 'Delayed, 4 s'],
  [{ ...link, rung: 'poll' as const }, 'Polling'],
  [{ ...link, standing: 'lost' as const }, 'Reconnecting, data as of 10:41:07'],
  [{ ...link, standing: 'offline' as const, heardAt: undefined }, 'Offline'],
  [{ ...link, standing: 'refreshed' as const }, 'Refreshed every 5 s'],
  [{ ...link, standing: 'connecting' as const }, 'Connecting'],
])('%j reads "%s"', (given, words) => {
  expect(statusOf(given, 'UTC').words).toBe(words)
})

test('a server 90 s ahead makes no event look old; the quickest answer decides', () => {
  const timing = new Timing()
  timing.answered(1_000, 1_400, 91_000)
  timing.answered(2_000, 2_020, 92_010)
  expect(timing.ahead).toBe(90_000)
  expect(timing.way).toBe(10)
  timing.sent(93_000, 3_038)
  expect(timing.age).toBe(38)
})

test('the age is the median, so one slow event does not speak for all', () => {
  const timing = new Timing()
  for (const age of [20, 30, 5_000]) timing.happened(1_000, 1_000 + age)
  expect(timing.age).toBe(30)
})

test('the greeting sets the clock only until the first answer', () => {
  const timing = new Timing()
  timing.greeted(1_000, 6_000)
  expect(timing.ahead).toBe(5_000)
  timing.answered(2_000, 2_010, 7_105)
  expect(timing.ahead).toBe(5_100)
})

test('the age of events counts more than that of frames, which only tells of the way, unless that is the longer', () => {
  const timing = new Timing()
  timing.sent(1_000, 1_000)
  expect(timing.age).toBe(0)
  timing.happened(1_000, 1_042)
  expect(timing.age).toBe(42)
  // Events that were quick long ago say nothing of frames that are slow now.
  for (let n = 0; n < 5; n++) timing.sent(1_000, 4_000)
  expect(timing.age).toBe(3_000)
})
