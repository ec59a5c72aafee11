// Keys that somebody gives must work where the first ones did.
import { expect, test } from 'vitest'
import { keyWords, keysOf, meaningOf } from './own-keys.ts'

test('a key that was given means what the first one did, which means nothing any more', () => {
  const own = { n: 'q', N: 'Q' }
  expect([keysOf('n', own), keysOf('m', own)]).toEqual(['q', 'm'])
  expect(['q', 'Q', 'n', 'm', '=', 'ArrowUp', ' '].map((key) => meaningOf(key, own, true))).toEqual(['n', 'N', undefined, 'm', '=', 'ArrowUp', ' ']) // prettier-ignore
})

test('two shortcuts can change keys with each other', () => {
  const own = { n: 'm', m: 'n' }
  expect([meaningOf('n', own, true), meaningOf('m', own, true)]).toEqual(['m', 'n'])
})

test('off, characters mean nothing, and arrows and Enter what they say', () => {
  expect(['n', '+', 'Enter', 'ArrowLeft'].map((key) => meaningOf(key, {}, false))).toEqual([undefined, undefined, 'Enter', 'ArrowLeft']) // prettier-ignore
})

test('keys are said as they are pressed', () => {
  expect(['n', 'N', 'g o', '?'].map(keyWords)).toEqual(['N', 'Shift N', 'G then O', '?'])
})
