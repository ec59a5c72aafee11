// Shortcuts must fire when meant and never while somebody types.
import { expect, test } from 'vitest'
import { matcher } from './shortcuts.ts'

const shortcuts = ['?', 'g o', 'g d', 'j'].map((keys) => ({ keys, does: keys, run: () => undefined }))
const typing = (presses: [key: string, at: number, busy?: boolean][]): (string | undefined)[] => {
  const match = matcher()
  return presses.map(([key, at, busy = false]) => match({ key, at, busy }, shortcuts)?.keys)
}

test('a key alone and two keys after each other are found', () => {
  expect(
    typing([
      ['?', 0],
      ['g', 1],
      ['d', 2],
      ['j', 3],
    ]),
  ).toEqual(['?', undefined, 'g d', 'j'])
})

test('a sequence is forgotten after a while, after a wrong key, and while somebody types', () => {
  expect(
    typing([
      ['g', 0],
      ['o', 2_000],
    ]),
  ).toEqual([undefined, undefined])
  expect(
    typing([
      ['g', 0],
      ['x', 1],
      ['o', 2],
    ]),
  ).toEqual([undefined, undefined, undefined])
  expect(
    typing([
      ['g', 0],
      ['o', 1, true],
      ['o', 2],
    ]),
  ).toEqual([undefined, undefined, undefined])
  expect(typing([['?', 0, true]])).toEqual([undefined])
})
