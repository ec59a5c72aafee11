// Who says what it has dealt with is known to be behind before buffers on the way show it; who says nothing never is.
import { expect, test } from 'vitest'
import { createFlow, LATE_MS, LOST_MS, WINDOW_BYTES } from './flow.ts'

test('who never said what it has dealt with is not behind, whatever was sent', () => {
  const flow = createFlow()
  flow.sent(10 * WINDOW_BYTES, 0)
  expect(flow.isBehind(60_000)).toBe(false)
})

test('one is behind while the oldest frame on its way is late, or too many bytes are', () => {
  const flow = createFlow()
  flow.sent(100, 0)
  flow.acknowledged(1, 0)
  flow.sent(100, 1_000)
  flow.sent(100, 1_200)
  expect(flow.isBehind(1_000 + LATE_MS)).toBe(false)
  expect(flow.isBehind(1_001 + LATE_MS)).toBe(true)
  flow.acknowledged(2, 1_301)
  expect(flow.isBehind(1_001 + LATE_MS)).toBe(false)
  flow.sent(WINDOW_BYTES, 1_300)
  expect(flow.isBehind(1_300)).toBe(true)
  flow.acknowledged(4, 1_300)
  expect(flow.isBehind(60_000)).toBe(false)
})

test('one that says nothing of what is on its way for minutes is lost, and however many frames that are, they cost little', () => {
  const flow = createFlow()
  flow.acknowledged(0, 0)
  for (let n = 0; n < 5_000; n++) flow.sent(10, n)
  expect([flow.isLost(LOST_MS), flow.isLost(LOST_MS + 1)]).toEqual([false, true])
  flow.acknowledged(4_999, 5_000)
  expect(flow.isBehind(5_000)).toBe(true)
  flow.acknowledged(5_000, 5_000)
  expect([flow.isBehind(1e9), flow.isLost(1e9)]).toEqual([false, false])
})

test('a count that is too high, or comes twice, changes nothing more', () => {
  const flow = createFlow()
  flow.acknowledged(900, 0)
  flow.acknowledged(900, 0)
  flow.sent(100, 0)
  flow.acknowledged(0, 0)
  expect(flow.isBehind(LATE_MS + 1)).toBe(true)
})

test('news gather for one that is far away, for half of its way and not for long', () => {
  const flow = createFlow()
  flow.acknowledged(0, 0)
  expect(flow.gatherMs).toBe(0)
  const ways = [140, 180, 1_000, 20].map((wayMs, n) => {
    flow.sent(500, 10_000 * n)
    flow.acknowledged(n + 1, 10_000 * n + wayMs)
    return flow.gatherMs
  })
  expect(ways).toEqual([0, 90, 100, 0])
})
