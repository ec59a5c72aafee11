// When jobs are gathered: in busy times, and not when one comes alone.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createTurns } from './turns.ts'

const turnOf = async (turns: ReturnType<typeof createTurns>, count: number): Promise<boolean[]> => {
  const said = Array.from({ length: count }, () => turns.next())
  await nextTurn()
  return said
}

test('what comes alone is never gathered', async () => {
  const turns = createTurns()
  for (let n = 0; n < 50; n++) expect(await turnOf(turns, 1)).toEqual([false])
})

test('of a burst after a calm time the first three leave at once', async () => {
  expect(await turnOf(createTurns(), 5)).toEqual([false, false, false, true, true])
})

test('in a busy time small turns are gathered too', async () => {
  const turns = createTurns()
  for (let n = 0; n < 10; n++) await turnOf(turns, 20)
  expect(await turnOf(turns, 1)).toEqual([true])
  expect(await turnOf(turns, 1)).toEqual([true])
})

test('a busy time ends', async () => {
  const turns = createTurns()
  for (let n = 0; n < 10; n++) await turnOf(turns, 20)
  for (let n = 0; n < 20; n++) await turnOf(turns, 1)
  expect(await turnOf(turns, 1)).toEqual([false])
})
