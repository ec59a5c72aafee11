// A key is judged by its form before it is sent, and refusals are put in plain words.
import { expect, test } from 'vitest'
import { looksLikeKey, refusalWords } from './model.ts'

test('only the form of a key is taken for one', () => {
  expect(looksLikeKey(` k1n_sk_${'a'.repeat(38)}\n`)).toBe(true)
  expect(looksLikeKey(`k1n_sk_${'a'.repeat(37)}`)).toBe(false)
  expect(looksLikeKey(`k1n_xx_${'a'.repeat(38)}`)).toBe(false)
  expect(looksLikeKey('')).toBe(false)
})

test('an unknown key is told in plain words, and everything else as it was told', () => {
  expect(refusalWords({ kind: 'forbidden', status: 401, detail: 'x' })).toContain('not known')
  expect(refusalWords({ kind: 'limited', status: 429, detail: 'Too many. Try again in 41 s.' })).toContain('41 s')
  expect(refusalWords({ kind: 'offline', detail: 'k1n did not answer.' })).toBe('k1n did not answer.')
})
