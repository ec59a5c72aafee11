// Times that are kept are those that were found: whatever was asked before, an answer is the same, and asked for once.
import { expect, test } from 'vitest'
import { createStretches } from './stretches.ts'
import { take } from './times.ts'

const tens = (until = Number.POSITIVE_INFINITY) => {
  const begun: number[] = []
  function* begin(after: number): Generator<number, void> {
    begun.push(after)
    for (let at = Math.floor(after / 10) * 10 + 10; at < until; at += 10) yield at
  }
  return { begun, begin }
}

test('what was found once is not looked for again', () => {
  const { begun, begin } = tens()
  const stretches = createStretches()
  expect(take(stretches.timesAfter('a', 5, begin), 3)).toEqual([10, 20, 30])
  expect(take(stretches.timesAfter('a', 12, begin), 3)).toEqual([20, 30, 40])
  expect(begun).toEqual([5])
})

test('an answer is the same wherever it was asked before, and for each key its own', () => {
  const { begin } = tens()
  const stretches = createStretches()
  for (const after of [5, 900, 3, 2_000, 64, 1_990, 0, 700])
    expect(take(stretches.timesAfter('a', after, begin), 100)).toEqual(
      take({ [Symbol.iterator]: () => begin(after) }, 100),
    )
  expect(take(stretches.timesAfter('b', 5, tens(15).begin), 3)).toEqual([10])
  expect(take(stretches.timesAfter('b', 5, tens(15).begin), 3)).toEqual([10])
  expect(take(stretches.timesAfter('b', 10, tens(15).begin), 3)).toEqual([])
})

test('two who walk at once do not disturb each other', () => {
  const { begin } = tens()
  const stretches = createStretches()
  const [a, b] = [stretches.timesAfter('a', 0, begin), stretches.timesAfter('a', 500, begin)]
  const walked = Array.from({ length: 5 }, () => [a.next().value, b.next().value])
  expect(walked).toEqual([[10, 510], [20, 520], [30, 530], [40, 540], [50, 550]]) // prettier-ignore
})
