// The Pulse must be true to scale and must not pretend to know what it does not.
import { expect, test } from 'vitest'
import { marksIn, pulseOf, windowIn } from './pulse.ts'

const MINUTE = 60_000
const to = 100 * MINUTE
const minutes = Array.from({ length: 60 }, (_, index) => ({
  at: to - (60 - index) * MINUTE,
  ok: index === 59 ? 8 : 4,
  failed: index === 59 ? 2 : 0,
}))

test('an hour is sixty bars, the highest fills the strip, and the last is at the right', () => {
  const pulse = pulseOf(minutes, to, 60 * MINUTE)
  expect(pulse.bars).toHaveLength(60)
  expect(pulse.bars.at(-1)).toMatchObject({ x: 59 / 60, ok: 0.8, failed: 0.2 })
  expect(pulse.bars[0]).toMatchObject({ x: 0, ok: 0.4, failed: 0 })
  expect(pulse).toMatchObject({ unknown: 0, finished: 59 * 4 + 10, failed: 2 })
})

test('a range longer than what is kept says which part is unknown', () => {
  expect(pulseOf(minutes, to, 240 * MINUTE).unknown).toBe(0.75)
  expect(pulseOf([], to, 60 * MINUTE)).toMatchObject({ bars: [], unknown: 1, finished: 0 })
})

test('a day never draws more than 360 bars', () => {
  const day = Array.from({ length: 1_440 }, (_, index) => ({ at: index * MINUTE, ok: 1, failed: 0 }))
  const { bars, finished } = pulseOf(day, 1_440 * MINUTE, 1_440 * MINUTE)
  expect(bars.length).toBeLessThanOrEqual(360)
  expect(finished).toBe(1_440)
})

test.each([15, 60, 360, 1_440])('over %d minutes the times are round and keep clear of "now"', (range) => {
  const { ticks } = pulseOf([], 1_234_567 * MINUTE + 7_000, range * MINUTE)
  expect(ticks.length).toBeGreaterThanOrEqual(2)
  expect(ticks.length).toBeLessThanOrEqual(4)
  for (const { x, at } of ticks) {
    expect(at % (5 * MINUTE)).toBe(0)
    expect(x).toBeGreaterThanOrEqual(0)
    expect(x).toBeLessThanOrEqual(0.92)
  }
})

test('marks lie where they happened, and of those on one place the critical one is told', () => {
  const mark = (at: number, text: string, severity: 'warning' | 'critical' = 'warning') => ({ at, text, severity })
  const marks = [
    mark(-1, 'before'),
    mark(0, 'first'),
    mark(500, 'critical', 'critical'),
    mark(505, 'beside'),
    mark(900, 'last'),
  ]
  expect(marksIn(marks, 1_000, 1_000).map(({ x, text }) => [x, text])).toEqual([
    [0, 'first'],
    [0.5, 'critical'],
    [0.9, 'last'],
  ])
})

test('the window of a frozen link lies where its time is, as far as the strip reaches', () => {
  expect(windowIn({ from: 600, to: 800 }, 1_000, 1_000)).toEqual({ x: 0.6, width: expect.closeTo(0.2) as number })
  expect(windowIn({ from: -500, to: 500 }, 1_000, 1_000)).toEqual({ x: 0, width: 0.5 })
  expect(windowIn({ from: -900, to: -500 }, 1_000, 1_000)).toBeUndefined()
})
