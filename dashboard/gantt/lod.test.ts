// Cells: nothing vanishes, nothing shouts.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Line } from './folds.ts'
import { Layout } from './layout.ts'
import { Cells, FOOT_MIN_PX, footHeight, SHADES } from './lod.ts'
import { COMPLETED, FAILED, RETRYING } from './spans.ts'
import { storeOf, T0 } from './testing.ts'

const straight = new Line({ from: T0, to: T0 + 400_000 }, 400)

const opened = (line = straight): Cells => {
  const cells = new Cells()
  cells.open(T0, line.shown(T0 + 400_000), line.scale)
  return cells
}

test('a cell is four pixels long and stands still while the window moves', () => {
  const cells = opened()
  const before = cells.timeOf(cells.cellOf(T0 + 9000))
  cells.open(T0 + 1500, T0 + 401_500, 1000)
  expect(cells.cellMs).toBe(4000)
  expect(cells.timeOf(cells.cellOf(T0 + 9000))).toBe(before)
})

test('each run is counted once, in the cell where it ended', () => {
  const run = fc.record({ start: fc.integer({ min: 0, max: 390_000 }), length: fc.integer({ min: 0, max: 9000 }) })
  fc.assert(
    fc.property(fc.array(run, { maxLength: 30 }), (runs) => {
      const cells = opened()
      for (const { start, length } of runs) cells.add(T0 + start, T0 + start + length, COMPLETED)
      const busy = cells.busy.reduce((sum, ms) => sum + ms, 0)
      expect(cells.all.reduce((sum, count) => sum + count, 0)).toBe(runs.length)
      expect(busy).toBeCloseTo(
        runs.reduce((sum, each) => sum + each.length, 0),
        0,
      )
    }),
  )
})

test('busy time has four steps, and a run too short for time still shows', () => {
  const cells = opened()
  const start = cells.timeOf(1)
  cells.add(start, start, COMPLETED)
  cells.add(cells.timeOf(2), cells.timeOf(2) + 2000, COMPLETED)
  cells.add(cells.timeOf(3), cells.timeOf(3) + 3999, COMPLETED)
  expect([0, 1, 2, 3].map((cell) => cells.shade(cell))).toEqual([0, 1, 2, SHADES])
})

test('failures are told from what will be tried again', () => {
  const cells = opened()
  for (const state of [COMPLETED, FAILED, RETRYING]) cells.add(cells.timeOf(5), cells.timeOf(5) + 10, state)
  expect([cells.all[5], cells.failed[5], cells.troubled[5]]).toEqual([3, 1, 2])
})

test('a cell lies in the first sub-row that no bar takes', () => {
  const cells = opened()
  cells.cover(0, 3, 5)
  cells.cover(1, 4, 4)
  expect([2, 3, 4].map((cell) => cells.rowOf(cell, 2))).toEqual([0, 1, 2])
})

test('one of a thousand shows as a foot, all of forty as a column', () => {
  expect(footHeight(0, 1000, 20)).toBe(0)
  expect(footHeight(1, 1000, 20)).toBe(FOOT_MIN_PX)
  expect(footHeight(10, 40, 20)).toBe(10)
  expect(footHeight(40, 40, 20)).toBe(20)
})

test('runs of a lane counted at once are those counted one by one, without the bars among them', () => {
  // Some of the short ones are at its edge, others behind it.
  const folded = { from: T0 + 12_000, to: T0 + 200_000 }
  const state = fc.constantFrom('completed', 'completed', 'completed', 'completed', 'failed', 'retrying', 'running')
  // Many short ones in a few cells, and others anywhere.
  const start = fc.oneof(fc.integer({ min: 8_000, max: 18_000 }), fc.integer({ min: -9_000, max: 410_000 }))
  const run = fc.record({ state, start, run: fc.oneof(fc.nat(300), fc.nat(9_000)) })
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 30 }), fc.boolean(), (runs, isFolded) => {
      const rows = runs.map((each) => ({ ...each, start: T0 + each.start, run: each.state === 'running' ? -1 : each.run })) // prettier-ignore
      const layout = new Layout(storeOf(...rows), { maxRows: 2 })
      const [now, minMs] = [T0 + 390_000, 3_000]
      layout.refresh(1_000, now)
      const lane = layout.lanes[0]
      if (!lane) throw new Error('there is no lane')
      const line = new Line({ from: T0, to: T0 + 400_000 }, 400, isFolded ? [folded] : [])
      const [together, apart] = [opened(line), opened(line)]
      const others: number[] = []
      together.addAll(lane, 0, lane.count, { minMs, maxRows: 2, now, line }, (at) => others.push(at))
      for (let at = 0; at < lane.count; at++) {
        const slot = lane.slots[at] ?? 0
        const [start, end] = [lane.starts[at] ?? 0, layout.store.end(slot, now)]
        const isBar = end - start >= minMs && (lane.rows[at] ?? 0) < 2
        if (!isBar) apart.add(line.shown(start), line.shown(end), lane.outcomes[at] ?? 0)
        expect(others.includes(at)).toBe(isBar || (end - start < minMs && lane.outcomes[at] !== COMPLETED))
      }
      for (const column of ['busy', 'all', 'failed', 'troubled'] as const)
        expect(together[column]).toEqual(apart[column])
    }),
  )
})
