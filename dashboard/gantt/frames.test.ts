import { expect, test } from 'vitest'
import { Telling } from './frames.ts'
import type { View } from './hit.ts'

const [one, other] = [{} as View, {} as View]

test('what only came over the stream is told ten times a second, and what is owed has a time', () => {
  const telling = new Telling()
  expect(telling.tells(one, 1_000)).toBe(true)
  expect(telling.dueIn(1_000)).toBe(Infinity)
  expect(telling.tells(one, 1_016)).toBe(false)
  expect(telling.dueIn(1_016)).toBe(84)
  expect(telling.tells(one, 1_100)).toBe(true)
  expect(telling.dueIn(1_100)).toBe(Infinity)
})

test('another view, and what somebody did, is told at once', () => {
  const telling = new Telling()
  telling.tells(one, 1_000)
  expect(telling.tells(other, 1_016)).toBe(true)
  telling.ask()
  expect(telling.tells(other, 1_032)).toBe(true)
  expect(telling.tells(other, 1_048)).toBe(false)
})

test('what was told and is still owed has a time', () => {
  const telling = new Telling()
  telling.tells(one, 1_000)
  telling.owe()
  expect(telling.dueIn(1_016)).toBe(84)
  expect(telling.tells(one, 1_100)).toBe(true)
  expect(telling.dueIn(1_100)).toBe(Infinity)
})
