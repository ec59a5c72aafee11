// What somebody typed must survive what others save meanwhile, and numbers must mean what they say.
import { expect, test } from 'vitest'
import { changedIn, numberText, readNumber, rebase } from './draft.ts'

test('what was typed stays when others change the rest', () => {
  const base = { rate: '50', open: '30', probes: '3' }
  const draft = { ...base, rate: '40' }
  expect(changedIn(draft, base)).toEqual(['rate'])
  expect(rebase(draft, base, { rate: '60', open: '10', probes: '3' })).toEqual({ rate: '40', open: '10', probes: '3' })
})

test.each([
  ['55', { min: 0.01, max: 1, scale: 0.01 }, { value: 0.55 }],
  ['1,5', { min: 1, max: 10_000, scale: 1_000 }, { value: 1_500 }],
  ['10 000', { min: 1, max: 20_000, whole: true }, { value: 10_000 }],
  ['', { min: 1, max: 2, optional: true }, { value: null }],
  ['', { min: 1, max: 2 }, { error: 'Must not be empty.' }],
  ['1e9', { min: 1, max: 2 }, { error: 'Must be a number.' }],
  ['2.5', { min: 1, max: 9, whole: true }, { error: 'Must be a whole number.' }],
  ['101', { min: 0.01, max: 1, scale: 0.01 }, { error: 'Must be from 1 to 100.' }],
])('%s is read as the field means it', (text, rules, expected) => {
  expect(readNumber(text, rules)).toEqual(expected)
})

test('a value is shown without the dust of binary fractions', () => {
  expect(numberText(0.07, 0.01)).toBe('7')
  expect(numberText(15_000, 1_000)).toBe('15')
  expect(numberText(null)).toBe('')
})
