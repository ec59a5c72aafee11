// A thousand events must not be a thousand fetches, and the last of them must not be missed.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createBurst } from './burst.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a burst is fetched while it lasts and once more when it is over', () => {
  let fetched = 0
  const burst = createBurst(() => (fetched += 1))
  for (let n = 0; n < 900; n += 1) {
    burst.happened()
    vi.advanceTimersByTime(1)
  }
  expect(fetched).toBe(1)
  vi.advanceTimersByTime(10_000)
  expect(fetched).toBe(3)
})

test('nothing is fetched for a page that was left', () => {
  let fetched = 0
  const burst = createBurst(() => (fetched += 1))
  burst.happened()
  burst.stop()
  vi.advanceTimersByTime(10_000)
  expect(fetched).toBe(0)
})
