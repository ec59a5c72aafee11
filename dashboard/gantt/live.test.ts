// The live edge: the server's time, and a now that never goes back.
import { expect, test } from 'vitest'
import { following, nextStepMs, ServerClock, steady } from './live.ts'

test('now stands at 96 % of a window that follows', () => {
  expect(following({ from: 0, to: 1000 }, 50_000)).toEqual({ from: 49_040, to: 50_040 })
})

test('the quickest of the last sixteen frames tells the server’s time', () => {
  let local = 1000
  const clock = new ServerClock(() => local)
  clock.sample(90_000 + local - 80)
  clock.sample(90_000 + local - 5)
  clock.sample(90_000 + local - 200)
  expect(clock.now()).toBe(90_000 + local - 5)
  local += 10
  for (let frame = 0; frame < 16; frame++) clock.sample(90_000 + local - 50)
  local += 100
  expect(clock.now()).toBe(90_000 + local - 50)
})

test('now does not go back when the server turns out to be behind', () => {
  let local = 1000
  const clock = new ServerClock(() => local)
  expect(clock.now()).toBe(1000)
  clock.sample(200)
  expect(clock.now()).toBe(1000)
  local = 2500
  expect(clock.now()).toBe(1700)
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
