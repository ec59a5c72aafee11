// The live edge: where now stands, that it never goes back, and how often it is drawn.
import { expect, test } from 'vitest'
import { following, nextStepMs, steady } from './live.ts'

test('now stands at 96 % of a window that follows', () => {
  expect(following({ from: 0, to: 1000 }, 50_000)).toEqual({ from: 49_040, to: 50_040 })
})

test('any clock can be made to never go back', () => {
  const answers = [5, 9, 7, 10]
  const clock = steady({ now: () => answers.shift() ?? 0 })
  expect([clock.now(), clock.now(), clock.now(), clock.now()]).toEqual([5, 9, 9, 10])
})

test('a frame is due when the edge has moved by one device pixel, or each second for who wants calm', () => {
  expect(nextStepMs(100, 2, false)).toBe(50)
  expect(nextStepMs(90_000, 1, false)).toBe(1000)
  expect(nextStepMs(1, 1, true)).toBe(1000)
})
