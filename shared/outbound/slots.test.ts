import { expect, test } from 'vitest'
import { createSlots } from './slots.ts'

const never = new AbortController()
const settled = async (taken: unknown): Promise<boolean> => {
  let done = false
  void Promise.resolve(taken).then(() => (done = true))
  // Everything that can happen without time passing has happened when a macrotask runs.
  await new Promise((resolve) => setImmediate(resolve))
  return done
}

test('the total holds for all origins together', async () => {
  const slots = createSlots(2, 3)
  const giveBacks = await Promise.all(['a', 'a', 'b'].map(async (origin) => slots.take(origin, never)))
  const fourth = slots.take('c', never)
  expect(await settled(fourth)).toBe(false)
  giveBacks[0]?.()
  expect(await settled(fourth)).toBe(true)
})

test('who waits for a full origin does not hold up another', async () => {
  const slots = createSlots(1, 2)
  const giveBack = await slots.take('a', never)
  const second = slots.take('a', never)
  expect(await settled(slots.take('b', never))).toBe(true)
  expect(await settled(second)).toBe(false)
  giveBack()
  expect(await settled(second)).toBe(true)
})

test('giving back twice frees one slot', async () => {
  const slots = createSlots(1, 1)
  const giveBack = await slots.take('a', never)
  giveBack()
  await slots.take('a', never)
  giveBack()
  expect(await settled(slots.take('a', never))).toBe(false)
})

test('a slot given to somebody who leaves in the same moment goes to the next', async () => {
  const slots = createSlots(1, 1)
  const giveBack = await slots.take('a', never)
  const leaving = new AbortController()
  const second = slots.take('a', leaving)
  const third = slots.take('a', never)
  leaving.abort(new Error('left'))
  giveBack()
  await expect(second).rejects.toThrow('left')
  expect(await settled(third)).toBe(true)
})
