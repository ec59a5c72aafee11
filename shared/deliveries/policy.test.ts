// How long endpoints rest: as long as they have failed, whatever number of attempts told so.
import { describe, expect, test } from 'vitest'
import { restMs } from './policy.ts'

const now = Date.UTC(2026, 0, 1)
const rest = (failures: number, failedMs: number, hasSucceeded = true): number | undefined =>
  restMs({ failures, failingSince: now - failedMs, succeededAt: hasSucceeded ? now - failedMs - 1 : undefined }, now, 0)

describe('an endpoint that fails', () => {
  test('rests no longer than it has failed, however many attempts were on their way together', () => {
    expect(rest(16, 0)).toBe(5_000)
    expect(rest(100, 20_000)).toBe(20_000)
    expect(rest(100, 20_000, false)).toBe(20_000)
    expect(rest(1_000, 86_400_000)).toBe(600_000)
  })

  test('rests at most twice as long with each further failure, however long ago the first was', () => {
    expect([5, 6, 7].map((failures) => rest(failures, 86_400_000))).toEqual([5_000, 10_000, 20_000])
    expect([1, 2, 3].map((failures) => rest(failures, 86_400_000, false))).toEqual([5_000, 10_000, 20_000])
  })

  test('goes on where it was good lately, and failed fewer than five times', () => {
    expect(rest(4, 20_000)).toBeUndefined()
    expect(rest(4, 20_000, false)).toBe(20_000)
  })
})
