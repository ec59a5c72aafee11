// Percentiles from counted steps are right to a fifth of their value.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { percentile, stepEnd, stepOf } from './buckets.ts'

const counted = (values: readonly number[]): Map<number, number> => {
  const steps = new Map<number, number>()
  for (const value of values) steps.set(stepOf(value), (steps.get(stepOf(value)) ?? 0) + 1)
  return steps
}

test('nothing measured has no percentile', () => {
  expect(percentile(new Map(), 0.5)).toBeNull()
})

test('a duration lies at or below the end of its step, by a fifth at most', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 86_400_000 }), (ms) => {
      const end = stepEnd(stepOf(ms))
      expect(end).toBeGreaterThanOrEqual(ms - 1e-6)
      expect(end).toBeLessThanOrEqual((ms + 1) * 1.19)
    }),
  )
})

test('a percentile is the true one, by a fifth at most', () => {
  const values = fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(values, fc.constantFrom(0.5, 0.95, 0.99), (list, share) => {
      const sorted = list.toSorted((one, other) => one - other)
      const exact = sorted[Math.ceil(list.length * share) - 1] ?? NaN
      const found = percentile(counted(list), share) ?? NaN
      expect(found).toBeGreaterThanOrEqual(exact - 1e-6)
      expect(found).toBeLessThanOrEqual((exact + 1) * 1.19)
    }),
  )
})
