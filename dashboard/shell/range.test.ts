// Without a link a page must show something to read: not an hour of nothing with a minute of work at its edge.
import { expect, test } from 'vitest'
import { ageOf, rangeOf, usualRange } from './range.ts'

const NOW = Date.UTC(2026, 10, 22, 11)
const minute = (ago: number, ok = 1) => ({ at: NOW - ago * 60_000, ok, failed: 0 })

test('the age of what there is counts from the first minute in which a job finished', () => {
  expect(ageOf([minute(80, 0), minute(12), minute(3)], NOW)).toBe(720_000)
  expect(ageOf([minute(80, 0)], NOW)).toBeUndefined()
})

test('a k1n that began minutes ago, and a phone, look at a quarter of an hour', () => {
  expect(usualRange(720_000, false).value).toBe('15m')
  expect(usualRange(undefined, false).value).toBe('15m')
  expect(usualRange(3_000_000, true).value).toBe('15m')
  expect(usualRange(3_000_000, false).value).toBe('1h')
})

test('what the link names wins', () => {
  expect(rangeOf('6h', usualRange(undefined, true)).value).toBe('6h')
  expect(rangeOf('moon').value).toBe('1h')
})
