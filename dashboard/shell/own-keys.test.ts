// Keys that somebody gives must work where the first ones did, and two shortcuts never share keys.
import { expect, test } from 'vitest'
import { keyWords, keysOf, meaningOf, whyNot, withKeys } from './own-keys.ts'
import { shortcutList } from './shortcut-list.ts'

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

test.each([
  ['q', undefined],
  ['q q', undefined],
  ['n', undefined],
  ['m', /^M is taken: Add a note/],
  ['N', /^Shift N is taken: Failure before/],
  ['g', /^G then O is taken: Go to Overview/],
  ['m m', /^M is taken/],
  ['g o', /^G then O is taken/],
  ['', /^Type one character/],
  ['qq', /^Type one character/],
  ['Enter', /^Type one character/],
])('for "next failure" %j is %s', (keys, why) => {
  const said = whyNot('n', keys, {})
  if (why === undefined) expect(said).toBeUndefined()
  else expect(said).toMatch(why)
})

test('what was taken away from a shortcut is free for another', () => {
  expect(whyNot('n', 'm', { m: 'q' })).toBeUndefined()
  expect(whyNot('n', 'q', { m: 'q' })).toMatch(/^Q is taken: Add a note/)
})

test('keys are given, given back, and those of no shortcut are dropped', () => {
  expect(withKeys({ m: 'q', gone: 'z' }, 'n', 'i')).toEqual({ m: 'q', n: 'i' })
  expect(withKeys({ m: 'q', n: 'i' }, 'n', undefined)).toEqual({ m: 'q' })
  expect(withKeys({ n: 'i' }, 'n', 'n')).toEqual({})
})

test('keys are said as they are pressed', () => {
  expect(['n', 'N', 'g o', '?'].map(keyWords)).toEqual(['N', 'Shift N', 'G then O', '?'])
})

test('no two shortcuts have the same keys at first', () => {
  for (const { keys } of shortcutList) expect([keys, whyNot(keys, keys, {})]).toEqual([keys, undefined])
})
