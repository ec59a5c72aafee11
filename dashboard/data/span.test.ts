// A length of time must mean what was typed, and be shown as one would type it.
import { expect, test } from 'vitest'
import { readSpan, spanText } from './span.ts'

const rules = { min: 1_000, max: 86_400_000 }

test.each([
  ['90', { value: 90_000 }],
  ['90s', { value: 90_000 }],
  ['1,5 h', { value: 5_400_000 }],
  ['1 h 30 min', { value: 5_400_000 }],
  ['1 hour 30 minutes', { value: 5_400_000 }],
  ['1d', { value: 86_400_000 }],
  ['', { error: 'Must not be empty.' }],
  ['soon', { error: 'Write it as 90 s, 15 min or 1 h 30 min.' }],
  ['5 parsecs', { error: 'Write it as 90 s, 15 min or 1 h 30 min.' }],
  ['5 min!', { error: 'Write it as 90 s, 15 min or 1 h 30 min.' }],
  ['200 ms', { error: 'Must be from 1 s to 1 d.' }],
  ['2 d', { error: 'Must be from 1 s to 1 d.' }],
])('%j is read as it is meant', (text, expected) => {
  expect(readSpan(text, rules)).toEqual(expected)
})

test('an empty field is none where there may be none', () => {
  expect(readSpan(' ', { ...rules, optional: true })).toEqual({ value: null })
  expect(spanText(null)).toBe('')
})

test('what is shown is read as the same again', () => {
  expect(spanText(5_400_000)).toBe('1 h 30 min')
  expect(spanText(0)).toBe('0 s')
  for (const ms of [1_000, 61_001, 90_000, 3_600_000, 86_400_000])
    expect(readSpan(spanText(ms), rules)).toEqual({ value: ms })
})
