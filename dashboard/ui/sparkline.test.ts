// A small line must not lie: gaps stay gaps, flat stays flat.
import { expect, test } from 'vitest'
import { sparkEnd, sparkPath } from './sparkline.ts'

test('the lowest value sits at the bottom and the newest at the right', () => {
  expect(sparkPath([0, 10, 5], 100, 20)).toBe('M0 20L50 0L100 10')
  expect(sparkEnd([0, 10, 5], 100, 20)).toEqual({ x: 100, y: 10 })
})

test('a missing value breaks the line instead of reading as zero', () => {
  expect(sparkPath([4, null, 8], 100, 20)).toBe('M0 20M100 0')
})

test('a flat series lies in the middle, an empty one draws nothing', () => {
  expect(sparkPath([3, 3], 10, 20)).toBe('M0 10L10 10')
  expect(sparkPath([], 10, 20)).toBe('')
  expect(sparkEnd([null], 10, 20)).toBeUndefined()
})
