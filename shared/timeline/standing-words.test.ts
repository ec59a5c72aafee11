// What is told of an attempt takes its place in its life, whatever order it is heard in and however clocks differ.
import { expect, test } from 'vitest'
import { goesOn, isOutdated } from './standing-words.ts'
import type { Told } from './standing-words.ts'

const told = (state: Told['state'], start: number, run: number): Told => ({ state, start, run })
const running = (start: number): Told => told('running', start, -1)

test('what is held goes on in any run but its own', () => {
  const held = told('held', 50_000, 10)
  expect([50_000, 49_990, 50_200, 90_000].map((start) => goesOn(held, start))).toEqual([false, true, true, true])
})

test('what stalled goes on in a run that begins about when that was noticed', () => {
  const stalled = told('stalled', 50_000, 30_000)
  expect([50_000, 79_500, 81_000].map((start) => goesOn(stalled, start))).toEqual([false, true, true])
})

test('what ended is not opened again by a clock that is ahead, and another life of the job is one', () => {
  expect([50_000, 50_900, 51_100].map((start) => goesOn(told('completed', 50_000, 40), start))).toEqual([false, false, true]) // prettier-ignore
  const long = told('failed', 50_000, 60_000)
  expect([50_900, 109_500, 110_300].map((start) => goesOn(long, start))).toEqual([false, true, true])
})

test.for<[string, Told, Told]>([
  ['an end, and the run of another life', told('failed', 50_000, 60_000), running(200_000)],
  ['an end, and that of another life', told('failed', 50_000, 60_000), told('completed', 200_000, 40)],
  ['an end, and what was held in another life', told('failed', 50_000, 60_000), told('held', 200_000, 40)],
  ['what was held, and held again', told('held', 50_000, 10), told('held', 200_000, 10)],
  ['what was held, and its end', told('held', 50_000, 10), told('completed', 200_000, 40)],
  ['what was held, and its end by a clock behind', told('held', 50_000, 10), told('completed', 49_900, 40)],
  ['what was held, and the run after it', told('held', 50_000, 10), running(60_000)],
  ['what was held after a long run, and the run at once after it', told('held', 50_000, 300_000), running(350_200)],
  ['what was held by a clock ahead, and what stalled after it', told('held', 50_400, 10), told('stalled', 50_030, 30_000)], // prettier-ignore
  ['what stalled, and what was held after it by a clock behind', told('stalled', 20_000, 30_000), told('held', 49_600, 10)], // prettier-ignore
  ['what stalled, and the run after it by a clock behind', told('stalled', 50_000, 0), running(49_900)],
  ['a run, and its end', running(50_000), told('completed', 50_000, 40)],
  ['a run by a clock ahead, and its end', running(50_500), told('completed', 50_000, 40)],
])('%s: the one stays, the other is taken', ([, before, after]) => {
  expect([isOutdated(before, after), isOutdated(after, before)]).toEqual([true, false])
})
