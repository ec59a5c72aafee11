// A thousand events must not be a thousand fetches, and the last of them must not be missed.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createBurst } from './burst.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a burst is fetched while it lasts and once more when it is over', async () => {
  let fetched = 0
  const burst = createBurst(async () => (fetched += 1))
  for (let n = 0; n < 900; n += 1) {
    burst.happened()
    await vi.advanceTimersByTimeAsync(1)
  }
  expect(fetched).toBe(1)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(fetched).toBe(3)
})

test('nothing is fetched for a page that was left', () => {
  let fetched = 0
  const burst = createBurst(async () => (fetched += 1))
  burst.happened()
  burst.stop()
  vi.advanceTimersByTime(10_000)
  expect(fetched).toBe(0)
})

test('a fetch that takes longer than the rest is not begun anew before it is over, and then once', async () => {
  const fetches: PromiseWithResolvers<undefined>[] = []
  const burst = createBurst(() => {
    const fetch = Promise.withResolvers<undefined>()
    fetches.push(fetch)
    return fetch.promise
  })
  for (let n = 0; n < 900; n += 1) {
    burst.happened()
    await vi.advanceTimersByTimeAsync(10)
  }
  expect(fetches).toHaveLength(1)
  fetches[0]?.resolve(undefined)
  await vi.advanceTimersByTimeAsync(499)
  expect(fetches).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(fetches).toHaveLength(2)
  burst.stop()
  fetches[1]?.resolve(undefined)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(fetches).toHaveLength(2)
})

test('a fetch that never ends keeps nobody from the next for longer than 15 seconds', async () => {
  let fetched = 0
  const burst = createBurst(() => {
    fetched += 1
    return new Promise(() => undefined)
  })
  burst.now()
  burst.happened()
  await vi.advanceTimersByTimeAsync(14_999)
  expect(fetched).toBe(1)
  await vi.advanceTimersByTimeAsync(501)
  expect(fetched).toBe(2)
  burst.stop()
})

test('who looks now and then calls off no fetch that is under way', async () => {
  const fetches: PromiseWithResolvers<undefined>[] = []
  const burst = createBurst(() => {
    const fetch = Promise.withResolvers<undefined>()
    fetches.push(fetch)
    return fetch.promise
  })
  expect([burst.now(), burst.now(), fetches.length]).toEqual([true, false, 1])
  fetches[0]?.resolve(undefined)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(fetches).toHaveLength(1)
  expect(burst.now()).toBe(true)
  burst.stop()
})
