// Messages that are missing, under other ids, or brought too early are found; those that are brought twice are allowed.
import { expect, test } from 'vitest'
import type { Brought } from '../support/receivers.ts'
import { areBrought, isHeeded } from './messages.ts'

const facts = [
  { id: '1-0', at: 1_000 },
  { id: '2-0', at: 2_000 },
]
const message = (n: number, more: Partial<Brought> = {}): Brought => ({
  ...{ at: 3_000, message: `msg_${n}`, fact: `${n}-0`, taken: true },
  ...more,
})
const texts = (...brought: Brought[]): string =>
  areBrought({ name: 'is good', brought }, facts)
    .map(({ text }) => text)
    .join('\n')

test('every fact under an id of its own is what was promised, also when it is brought twice', () => {
  expect(texts(message(1), message(2), message(2, { at: 4_000 }))).toBe('')
})

test('facts that never came, or were never taken, are found', () => {
  expect(texts(message(1))).toContain('1 of 2 facts in time, the first 2-0')
  expect(texts(message(1), message(2, { taken: false }))).toContain('1 of 2')
})

test('a fact under two ids, and two facts under one, are found', () => {
  expect(texts(message(1), message(2), message(2, { message: 'msg_3' }))).toContain('2-0 under several ids')
  expect(texts(message(1), message(2, { message: 'msg_1' }))).toContain('under an id of another')
})

test('a message that comes again before it was asked to is found', () => {
  const again = (ms: number) => ({
    name: 'answers 429',
    brought: [message(1, { taken: false }), message(1, { at: 3_000 + ms })],
  })
  expect(isHeeded(again(1_999), 2_000)).toHaveLength(1)
  expect(isHeeded(again(2_000), 2_000)).toEqual([])
})
