// What one turn asks for travels together, and nobody waits for an answer to be sent.
import { expect, test } from 'vitest'
import { createConvoy } from './convoy.ts'

/** Calls that are answered when the test says so. */
const calls = () => {
  const open: { items: readonly number[]; answer: (answer: string) => void; fail: (error: Error) => void }[] = []
  const send = (items: readonly number[]): Promise<string> =>
    new Promise((answer, fail) => open.push({ items, answer, fail }))
  return { open, send }
}

test('things of one turn travel together, at most so many, and later ones do not wait for their answer', async () => {
  const { open, send } = calls()
  const ask = createConvoy(2, send)
  const all = [1, 2, 3].map(ask)
  expect(open).toEqual([])
  await all[2]?.sent
  expect(open.map(({ items }) => items)).toEqual([[1, 2], [3]])
  const later = ask(4)
  await later.sent
  expect(open.map(({ items }) => items)).toEqual([[1, 2], [3], [4]])
  expect([...all, later].map(({ isFirst }) => isFirst)).toEqual([true, false, true, true])
  open[2]?.answer('c')
  open[1]?.answer('b')
  open[0]?.answer('a')
  expect(await Promise.all([...all, later].map(({ answered }) => answered))).toEqual(['a', 'a', 'b', 'c'])
})

test('when a call fails, everybody of it hears so, and nobody else', async () => {
  const { open, send } = calls()
  const ask = createConvoy(2, send)
  const all = [1, 2, 3].map(ask)
  await all[2]?.sent
  open[0]?.fail(new Error('away'))
  open[1]?.answer('b')
  const ends = await Promise.allSettled(all.map(({ answered }) => answered))
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
})
