// Ids sort by time, do not collide, and addresses split at the first colon only.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { generateKey, isKey } from './api-key.ts'
import { formatAddress, hashId, makeId, parseAddress, uuidv7 } from './ids.ts'

test('a UUID of version 7 begins with its moment, so later ones sort later', () => {
  expect(uuidv7(0x0192a3b4c5d6)).toMatch(/^0192a3b4-c5d6-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  fc.assert(
    fc.property(fc.nat(2 ** 45), fc.integer({ min: 1, max: 2 ** 30 }), (now, later) => {
      expect(uuidv7(now) < uuidv7(now + later)).toBe(true)
    }),
  )
})

test('an id with a prefix is such a UUID without its dashes', () => {
  expect(makeId('req', 0x0192a3b4c5d6)).toMatch(/^req_0192a3b4c5d67[0-9a-f]{3}[89ab][0-9a-f]{15}$/)
  expect(makeId('op', 1)).toMatch(/^op_0000000000017/)
})

test('ten thousand ids of one moment are ten thousand ids', () => {
  expect(new Set(Array.from({ length: 10_000 }, () => makeId('req', 1_700_000_000_000))).size).toBe(10_000)
})

test('a hashed id is the same for the same parts, which never run into one another', () => {
  expect(hashId(26, 'a', 'b')).toBe(hashId(26, 'a', 'b'))
  expect(hashId(26, 'a', 'b')).toMatch(/^[a-z2-7]{26}$/)
  expect(new Set([hashId(26, 'ab', ''), hashId(26, 'a', 'b'), hashId(26, 'ab'), hashId(26, '', 'ab')]).size).toBe(4)
})

test('a hashed id never changes, for a request that comes again after an upgrade must find its job', () => {
  expect(hashId(32, 'admin', 'mail', 'k-1', 'one')).toBe('nixtta5siexxlbzapxwg26z3vpb6nzd4')
  expect(hashId(5, 'ü')).toBe('fdo2i')
})

test('an address is split at its first colon, so ids may hold more of them', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }).filter((text) => !text.includes(':')),
      fc.string(),
      (queue, id) => {
        expect(parseAddress(formatAddress({ queue, id }))).toEqual({ queue, id })
      },
    ),
  )
  expect([parseAddress('t_1'), parseAddress(':t_1'), parseAddress('')]).toEqual([undefined, undefined, undefined])
})

test('a key with one wrong or swapped character is refused without a look-up', () => {
  const key = generateKey('sk')
  expect([isKey(key), key.length]).toEqual([true, 45])
  for (let at = 7; at < key.length; at++)
    expect(isKey(`${key.slice(0, at)}${key[at] === 'x' ? 'y' : 'x'}${key.slice(at + 1)}`)).toBe(false)
  for (const other of ['', key.replace('sk', 'pk'), `${key} `, key.toUpperCase()]) expect(isKey(other)).toBe(false)
})
