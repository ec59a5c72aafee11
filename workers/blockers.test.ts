// Kinds whose handlers hold up the process are known by what they did before.
import { expect, test } from 'vitest'
import { createBlockers } from './blockers.ts'

/** Calls that take so many ms each; answers before which of them others were let go first. */
const run = (durations: readonly number[], kindOf: (call: number) => string = () => 'any'): number[] => {
  let now = 0
  const blockers = createBlockers(() => now)
  const first: number[] = []
  durations.forEach((ms, call) =>
    blockers.call(
      kindOf(call),
      () => (now += ms),
      () => first.push(call),
    ),
  )
  return first
}

test('what a handler that lets go at once was called with is answered, and nothing is done before it', () => {
  const blockers = createBlockers(() => 0)
  expect(blockers.call('any', () => 'begun', () => expect.fail())).toBe('begun') // prettier-ignore
})

test('a kind that blocks is known from its second job on', () => {
  expect(run([50, 50, 50])).toEqual([1, 2])
})

test('one pause among many short calls makes no blocker for long', () => {
  expect(run([0, 0, 5, 0, 0, 0])).toEqual([])
  expect(run([0, 20, ...Array.from({ length: 20 }, () => 0)]).length).toBeLessThan(10)
})

test('a kind that blocks is known by its name alone', () => {
  expect(run([50, 0, 50, 0, 50, 0], (call) => (call % 2 === 0 ? 'slow' : 'quick'))).toEqual([2, 4])
})
