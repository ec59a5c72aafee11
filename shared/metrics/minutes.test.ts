// A figure per minute must read true from the first second on, not only after two whole minutes.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lastMinute } from './minutes.ts'

const AT = Date.UTC(2026, 10, 22, 11, 0)

test('a k1n that has run for twenty seconds says what it did in them, not zero', () => {
  expect(lastMinute(0, 41, AT + 20_000)).toBe(41)
})

test('a steady rate reads the same at any second of the minute', () => {
  fc.assert(
    fc.property(fc.nat(59_999), fc.nat(100), (into, perSecond) => {
      const running = (perSecond * into) / 1000
      expect(lastMinute(perSecond * 60, running, AT + into)).toBe(perSecond * 60)
    }),
  )
})
