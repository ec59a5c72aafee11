// A budget that is written and read again is the same.
import { expect, test } from 'vitest'
import { readBudget, writeBudget } from './budget-shape.ts'

test.each(['300/30s', '600/min', '10000 units/day', '5/90s', '7/2h', '1/s'])('%s', (text) => {
  const budget = readBudget(text)
  expect(budget && writeBudget(budget)).toBe(text)
})

test('a time that is no whole number of seconds has no text', () => {
  expect(writeBudget({ limit: 3, per_ms: 1_500, unit: 'calls' })).toBeUndefined()
})
