// Whatever is asked when: the script and a process alone decide as the rules say, and what the guide promises holds.
import fc from 'fast-check'
import { test, describe, expect } from '../../test/support/fixtures.ts'
import { createStore } from './store.ts'
import { createNaive } from './testing/naive.ts'
import type { Naive, Passed } from './testing/naive.ts'
import type { Allowance } from './tiers.ts'
import { nothingSpent, spend } from './window.ts'

const allowances = fc
  .record({
    perMinute: fc.integer({ min: 1, max: 12 }),
    ratio: fc.constantFrom(0, 0.2, 0.5, 1),
    perDay: fc.integer({ min: 1, max: 80 }),
  })
  .map(({ perMinute, ratio, perDay }): Allowance => ({
    perMinute,
    perDay,
    burst: perMinute + Math.floor(perMinute * ratio),
  }))

/** Steps in time, small and large, with what is asked at each. */
const steps = fc.array(
  fc.record({
    afterS: fc.oneof(
      fc.constant(0),
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 55, max: 65 }),
      fc.integer({ min: 0, max: 200 }),
    ),
    units: fc.integer({ min: 1, max: 4 }),
  }),
  { minLength: 1, maxLength: 60 },
)

const MIDNIGHT = Math.floor(Date.UTC(2026, 5, 2) / 1_000)
const starts = fc.integer({ min: MIDNIGHT - 400, max: MIDNIGHT + 400 })

const within60 = (log: readonly Passed[], second: number): number =>
  log.filter((one) => one.second > second - 60 && one.second <= second).reduce((sum, { units }) => sum + units, 0)

const checkPromises = ({ perMinute, burst, perDay }: Allowance, { log, bursts }: Naive): void => {
  for (const { second } of log) {
    const spent = within60(log, second)
    expect(spent).toBeLessThanOrEqual(burst)
    const isBurst = bursts.some((began) => second >= began && second < began + 60)
    if (!isBurst) expect(spent).toBeLessThanOrEqual(perMinute)
  }
  bursts.slice(1).forEach((began, at) => expect(began - (bursts[at] ?? 0)).toBeGreaterThanOrEqual(120))
  for (const units of Map.groupBy(log, ({ second }) => Math.floor(second / 86_400)).values())
    expect(units.reduce((sum, one) => sum + one.units, 0)).toBeLessThanOrEqual(perDay)
}

describe('whatever is asked when', () => {
  test('the script decides as the plain rules do, and so does a process alone', async ({ kernel }) => {
    let now = 0
    const clock = { ...kernel.clock, now: () => now }
    const store = createStore({ ...kernel, clock }, () => kernel.redis)
    let run = 0
    const run1 = async (
      allowance: Allowance,
      start: number,
      all: { afterS: number; units: number }[],
    ): Promise<void> => {
      const naive = createNaive(allowance)
      const alone = nothingSpent()
      const id = `p${run++}`
      let second = start
      for (const { afterS, units } of all) {
        second += afterS
        now = second * 1_000 + ((units * 137) % 1_000)
        const expected = naive.ask(second, units)
        const count = await store.ask({ id, allowance, units })
        const same = spend(alone, allowance, units, second)
        expect(count.refusedBy.length === 0).toBe(expected)
        expect({ ...same }).toEqual({ ...count })
      }
      checkPromises(allowance, naive)
    }
    await fc.assert(fc.asyncProperty(allowances, starts, steps, run1), { numRuns: 700 })
  }, 120_000)

  test('a request that is refused for the minute fits after the seconds it is told, and not before', () => {
    fc.assert(
      fc.property(allowances, starts, steps, (allowance, start, all) => {
        const spending = nothingSpent()
        let second = start
        for (const { afterS, units } of all) {
          second += afterS
          const asked = Math.min(units, allowance.perMinute)
          const { refusedBy, waitS } = spend(spending, { ...allowance, perDay: 1e9 }, asked, second)
          if (refusedBy.length === 0) continue
          const later = (s: number) =>
            spend(structuredClone(spending), { ...allowance, perDay: 1e9 }, asked, second + s)
          expect(waitS).toBeGreaterThan(0)
          expect(later(waitS).refusedBy).toEqual([])
          expect(later(waitS - 1).refusedBy).toEqual(['minute'])
        }
      }),
      { numRuns: 500 },
    )
  })
})
