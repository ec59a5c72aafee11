// Idle time is folded where nothing ran in any lane, and the line of time leads there and back.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FOLD_PX, Line } from './folds.ts'
import { idleIn } from './idle.ts'
import { Layout } from './layout.ts'
import { storeOf, T0 } from './testing.ts'

const HOUR = 3_600_000
const window = { from: T0, to: T0 + HOUR }

const idle = (...runs: { start: number; run: number; queue?: string }[]) => {
  const layout = new Layout(storeOf(...runs.map((run) => ({ ...run, start: T0 + run.start }))))
  layout.refresh(1000, T0 + 2 * HOUR)
  return idleIn(layout, window, T0 + 2 * HOUR)
}

describe('idle time', () => {
  test('is what no lane was busy in, when it is more than 15 % of the window', () => {
    const folds = idle(
      { start: 0, run: 600_000 },
      { start: 0, run: 300_000, queue: 'b' },
      { start: 3_000_000, run: 600_000 },
    )
    expect(folds).toHaveLength(1)
    expect(folds[0]?.from).toBeGreaterThanOrEqual(T0 + 600_000)
    expect(folds[0]?.to).toBeLessThanOrEqual(T0 + 3_000_000)
  })

  test('is not there while something runs all the time', () => {
    expect(idle({ start: 0, run: HOUR })).toEqual([])
    expect(idle({ start: 0, run: 1_700_000 }, { start: 1_700_000, run: 1_900_000, queue: 'b' })).toEqual([])
  })
})

describe('a line with folds', () => {
  const fold = { from: T0 + 600_000, to: T0 + 3_000_000 }

  test('draws a fold as wide as it is told, and the rest to scale', () => {
    const line = new Line(window, 1_000, [fold])
    expect(line.x(window.from)).toBe(0)
    expect(line.x(window.to)).toBeCloseTo(1_000)
    expect(line.x(fold.to) - line.x(fold.from)).toBeCloseTo(FOLD_PX)
    expect(line.x(fold.from)).toBeCloseTo((600_000 / 1_200_000) * (1_000 - FOLD_PX))
  })

  test('leads to every time and back, whatever is folded', () => {
    const parts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 2, maxLength: 8 })
    fc.assert(
      fc.property(parts, fc.double({ min: 0, max: 1, noNaN: true }), (minutes, share) => {
        const edges = minutes.reduce<number[]>((all, many) => [...all, (all.at(-1) ?? T0) + many * 60_000], [T0])
        const folds = edges
          .slice(1, -1)
          .flatMap((from, at) => (at % 2 === 0 ? [{ from, to: edges[at + 2] ?? from }] : []))
        const line = new Line({ from: T0, to: edges.at(-1) ?? T0 + 1 }, 2_000, folds)
        const time = T0 + share * ((edges.at(-1) ?? T0) - T0)
        expect(line.time(line.x(time))).toBeCloseTo(time, -1)
      }),
      { numRuns: 300 },
    )
  })
})
