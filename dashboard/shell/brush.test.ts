// What is brushed is what the pages look at: round, within the strip, and reachable by key as well as by pointer.
import { expect, test } from 'vitest'
import { brushed, nudged, stepOf } from './brush.ts'

const MINUTE = 60_000
const NOW = Date.UTC(2026, 10, 26, 11, 0, 30)
const strip = { from: NOW - 60 * MINUTE, to: NOW }
const at = (hours: number, minutes: number, seconds = 0): number => Date.UTC(2026, 10, 26, hours, minutes, seconds)

test.each([
  [15, 10_000],
  [60, MINUTE],
  [360, 5 * MINUTE],
  [1_440, 15 * MINUTE],
])('a strip of %d minutes is brushed in steps of %d ms', (minutes, step) => {
  expect(stepOf(minutes * MINUTE)).toBe(step)
})

test('a drag in either direction gives the same whole minutes', () => {
  const [left, right] = [(at(10, 20, 20) - strip.from) / 3_600_000, (at(10, 30, 40) - strip.from) / 3_600_000]
  const window = { from: at(10, 20), to: at(10, 31) }
  expect(brushed(left, right, strip)).toEqual(window)
  expect(brushed(right, left, strip)).toEqual(window)
})

test('a drag never leaves what has happened, and gives a step at least', () => {
  expect(brushed(0.9, 4, strip)).toEqual({ from: at(10, 54), to: NOW })
  expect(brushed(1, 1, strip)).toEqual({ from: at(11, 0), to: NOW })
  expect(brushed(0.5, 0.5, { from: at(10, 0), to: at(11, 0) })).toEqual({ from: at(10, 30), to: at(10, 31) })
})

test('keys move an edge by a step, by ten, and to the ends', () => {
  const window = { from: at(10, 20), to: at(10, 30) }
  const moved = (edge: 'from' | 'to', key: string) => nudged(window, edge, key, strip)?.[edge]
  expect(moved('from', 'ArrowRight')).toBe(at(10, 21))
  expect(moved('to', 'ArrowLeft')).toBe(at(10, 29))
  expect(moved('to', 'PageUp')).toBe(at(10, 40))
  expect(moved('to', 'End')).toBe(NOW)
  expect(moved('from', 'Home')).toBe(at(10, 1))
  expect(nudged(window, 'from', 'Enter', strip)).toBeUndefined()
})

test('edges keep a step between them, and from now one comes to the round time before', () => {
  expect(nudged({ from: at(10, 20), to: at(10, 21) }, 'from', 'ArrowRight', strip)?.from).toBe(at(10, 20))
  expect(nudged({ from: at(10, 20), to: at(10, 21) }, 'to', 'PageDown', strip)?.to).toBe(at(10, 21))
  expect(nudged(strip, 'to', 'ArrowLeft', strip)).toEqual({ from: strip.from, to: at(11, 0) })
  expect(nudged(strip, 'from', 'ArrowRight', strip)).toEqual({ from: at(10, 1), to: NOW })
})
