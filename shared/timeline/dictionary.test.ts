import { expect, test } from 'vitest'
import { Dictionary, hashOf } from './dictionary.ts'

const indexOf = (words: Dictionary, text: string): number => {
  const bytes = Buffer.from(`<${text}>`)
  return words.indexOf(bytes, 1, bytes.length - 1)
}

test('a text has one number, whether it comes as a text or as bytes', () => {
  const words = new Dictionary()
  expect([indexOf(words, 'mail'), words.index('mail'), words.index('sms'), indexOf(words, 'sms')]).toEqual([0, 0, 1, 1])
  expect([indexOf(words, 'grüße'), words.index('grüße'), indexOf(words, '')]).toEqual([2, 2, 3])
  expect(words.texts()).toEqual(['mail', 'sms', 'grüße', ''])
})

test('texts whose hashes are the same are told apart', () => {
  // A known pair of FNV-1a in 32 bits.
  const [one, other] = ['costarring', 'liquid'] as const
  const hash = (text: string): number => hashOf(Buffer.from(text), 0, text.length)
  expect(hash(one)).toBe(hash(other))
  const words = new Dictionary()
  const asked = [one, other, one, other].map((text) => indexOf(words, text))
  expect(asked).toEqual([0, 1, 0, 1])
})
