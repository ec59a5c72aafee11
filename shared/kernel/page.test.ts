// Cursors are for whoever walks a list: they tell nothing, and are taken only as they were given.
import { expect, test } from 'vitest'
import { decodeCursor, encodeCursor } from './page.ts'

const place = { member: 'billing-of-acme 1795766978000', at: 7 }
const cursor = encodeCursor('secret', place, ['history', undefined])

test('a cursor leads back to its place, for the same filters', () => {
  expect(decodeCursor('secret', cursor, ['history', undefined])).toEqual(place)
  expect(encodeCursor('secret', place, ['history', undefined])).toBe(cursor)
  expect(() => decodeCursor('secret', cursor, ['history', 'other'])).toThrow('other filters')
})

test('a cursor does not tell its place, which the caller may not be allowed to know', () => {
  for (const encoding of ['base64url', 'latin1'] as const)
    expect(Buffer.from(cursor, encoding).toString('latin1')).not.toContain('acme')
  expect(cursor).not.toContain('.')
})

test.each([
  ['one of another server', encodeCursor('other', place, ['history', undefined])],
  ['a changed one', `${cursor.slice(0, 20)}${cursor[20] === 'A' ? 'B' : 'A'}${cursor.slice(21)}`],
  ['a longer one', `${cursor}A`],
  ['half of one', cursor.slice(0, 30)],
  ['nothing', ''],
  ['a text of other letters', `abc.${'é'.repeat(16)}`],
])('%s is refused', (_what, given) => {
  expect(() => decodeCursor('secret', given, ['history', undefined])).toThrow('changed or belongs to another server')
})
