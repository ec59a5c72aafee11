// Joining what is asked for at once.
import { expect, onTestFinished, test, vi } from 'vitest'
import { createBatch } from './batch.ts'

test('what is asked for while a call is under way travels together, and everybody hears their own answer', async () => {
  const calls: number[][] = []
  const ask = createBatch<number, number>(3, async (items) => {
    calls.push([...items])
    await Promise.resolve()
    return items.map((item) => item * 10)
  })
  const first = ask(1)
  const rest = first.then(() => Promise.all([2, 3, 4, 5].map(ask)))
  expect(await first).toBe(10)
  expect(await rest).toEqual([20, 30, 40, 50])
  expect(calls).toEqual([[1], [2, 3, 4], [5]])
})

test('a call that fails is heard of by those of that call only', async () => {
  const ask = createBatch<number, number>(1, (items) =>
    items[0] === 1 ? Promise.reject(new Error('no')) : Promise.resolve(items),
  )
  expect(await Promise.allSettled([ask(1), ask(2)])).toMatchObject([{ status: 'rejected' }, { value: 2 }])
})

test('what comes soon after a call waits a little for more, what comes alone does not', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const calls: number[][] = []
  const ask = createBatch<number, number>(
    10,
    (items) => {
      calls.push([...items])
      return Promise.resolve(items)
    },
    2,
  )
  await ask(1)
  const later = [ask(2), ask(3)]
  await vi.advanceTimersByTimeAsync(1)
  later.push(ask(4))
  expect(calls).toEqual([[1]])
  await vi.advanceTimersByTimeAsync(1)
  await Promise.all(later)
  expect(calls).toEqual([[1], [2, 3, 4]])
})
