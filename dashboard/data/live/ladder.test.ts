// The ladder steps down only when a way really fails, and never hammers a server that is away.
import { expect, test } from 'vitest'
import { failed, heard, rest, startLadder, type Ladder } from './ladder.ts'

const failAt = (...times: number[]): Ladder => times.reduce(failed, startLadder())

test('three failures within 30 s step down, spread ones do not', () => {
  expect(failAt(0, 1_000).rung).toBe('ws')
  expect(failAt(0, 1_000, 2_000).rung).toBe('sse')
  expect(failAt(0, 20_000, 40_000, 60_000).rung).toBe('ws')
})

test('six failures end at long-poll, which is never left downwards', () => {
  expect(failAt(0, 1, 2, 3, 4, 5).rung).toBe('poll')
  expect(failAt(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10).rung).toBe('poll')
})

test('rests double, are jittered to nothing, and stop growing at 15 s', () => {
  const tired = failAt(...Array.from({ length: 40 }, (_, index) => index * 31_000))
  expect(rest(startLadder(), 1)).toBe(250)
  expect(rest(failAt(0), 1)).toBe(500)
  expect(rest(tired, 1)).toBe(15_000)
  expect(rest(tired, 0)).toBe(0)
  expect(rest(heard(tired), 1)).toBe(250)
})
