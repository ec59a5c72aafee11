import { expect, test } from 'vitest'
import { typedEarly } from './typed-early.ts'

const press = (key: string, held: { ctrlKey?: boolean; metaKey?: boolean; altKey?: boolean } = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...held,
})

test('letters and marks are added, and the last one is taken back', () => {
  expect(typedEarly('a', press('b'))).toBe('ab')
  expect(typedEarly('a', press(' '))).toBe('a ')
  expect(typedEarly('ab', press('Backspace'))).toBe('a')
  expect(typedEarly('', press('Backspace'))).toBe('')
})

test('keys that mean nothing yet leave the text, and those of the page go their way', () => {
  expect(typedEarly('a', press('Enter'))).toBe('a')
  expect(typedEarly('a', press('Escape'))).toBe('a')
  expect(typedEarly('a', press('Tab'))).toBeUndefined()
  expect(typedEarly('a', press('k', { ctrlKey: true }))).toBeUndefined()
  expect(typedEarly('a', press('x', { altKey: true }))).toBeUndefined()
})
