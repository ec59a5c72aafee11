// Two shortcuts never share keys, and who is refused keys is told why.
import { expect, test } from 'vitest'
import { whyNot, withKeys } from './give-keys.ts'
import { shortcutIds } from './shortcut-ids.ts'
import { shortcutList } from './shortcut-list.ts'

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

test('no two shortcuts have the same keys at first', () => {
  for (const id of shortcutIds) expect([id, whyNot(id, id, {})]).toEqual([id, undefined])
})

test('the settings say of every shortcut what it does, once', () => {
  expect(shortcutList.map(({ keys }) => keys)).toEqual(shortcutIds)
})
