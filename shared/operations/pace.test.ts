// How many items may go: a pace is kept exactly, whatever the moments it is asked at.
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { createPacer } from './pace.ts'

/** Takes all that is allowed, as a run would, and answers how many that were until `until`. */
const runFor = (
  pacer: ReturnType<typeof createPacer>,
  pace: number,
  from: number,
  until: number,
  late: () => number,
) => {
  let now = from
  let taken = 0
  while (now < until) {
    const { count, waitMs } = pacer.allow(now, pace)
    pacer.took(count)
    taken += count
    now += Math.max(1, waitMs + late())
  }
  return taken
}

describe('a pace', () => {
  test('is kept to one item, at any speed and however late it is asked', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 20_000, noNaN: true }), fc.integer({ min: 0, max: 80 }), (pace, late) => {
        const seconds = 30
        const taken = runFor(createPacer(), pace, 0, seconds * 1_000, () => late)
        const slack = 2 + (pace * (late + 100)) / 1_000
        expect(taken).toBeGreaterThanOrEqual(pace * seconds - slack)
        expect(taken).toBeLessThanOrEqual(pace * seconds + 1)
      }),
    )
  })

  test('lets the first go at once and the next at its time', () => {
    const pacer = createPacer()
    expect(pacer.allow(5_000, 2)).toEqual({ count: 1, waitMs: 0 })
    pacer.took(1)
    expect(pacer.allow(5_100, 2)).toEqual({ count: 0, waitMs: 400 })
    expect(pacer.allow(5_500, 2).count).toBe(1)
  })

  test('does not make up for a long standstill in one burst', () => {
    const pacer = createPacer()
    pacer.took(pacer.allow(0, 100).count)
    expect(pacer.allow(3_600_000, 100).count).toBeLessThanOrEqual(101)
  })

  test('begins anew when it changes, and none means as many as there are', () => {
    const pacer = createPacer()
    pacer.took(pacer.allow(0, 100).count)
    expect(pacer.allow(10, 1).count).toBe(1)
    expect(pacer.allow(10, null).count).toBe(Infinity)
  })
})
