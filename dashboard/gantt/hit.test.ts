// What lies under a point.
import { expect, test } from 'vitest'
import { boxOf, hit, targetOf, type View } from './hit.ts'
import { Layout } from './layout.ts'
import { storeOf, T0 } from './testing.ts'

const view: View = { window: { from: T0, to: T0 + 100_000 }, width: 1000, now: T0 + 90_000 }
const laid = (...rows: Parameters<typeof storeOf>): Layout => {
  const layout = new Layout(storeOf(...rows))
  layout.refresh(100, view.now)
  return layout
}

test('a bar is hit on it and a little beside it, and not further away', () => {
  const layout = laid({ start: T0 + 10_000, run: 2000 })
  expect(hit(layout, view, 110, 10)).toMatchObject({ kind: 'run', slot: 0 })
  expect(hit(layout, view, 123, 10)).toMatchObject({ kind: 'run', slot: 0 })
  expect(hit(layout, view, 130, 10)).toBeUndefined()
  expect(hit(layout, view, 110, 500)).toBeUndefined()
})

test('of bars over one another the one in the pointed sub-row is hit', () => {
  const layout = laid({ run: 5000 }, { start: T0 + 100, run: 5000 })
  expect(hit(layout, view, 20, 10)).toMatchObject({ slot: 0 })
  expect(hit(layout, view, 20, 28)).toMatchObject({ slot: 1 })
})

test('the nearer of two bars is hit', () => {
  const layout = laid({ start: T0 + 10_000, run: 1000 }, { start: T0 + 11_500, run: 1000 })
  expect(hit(layout, view, 112, 10)).toMatchObject({ slot: 0 })
  expect(hit(layout, view, 114, 10)).toMatchObject({ slot: 1 })
})

test('a run that began long ago and goes on is hit', () => {
  const layout = laid({ start: T0 - 500_000, run: -1, state: 'running' }, { start: T0 - 1000, run: 10 })
  expect(hit(layout, view, 500, 10)).toMatchObject({ kind: 'run', slot: 0 })
})

test('runs too short to draw are hit as their cell, with what went wrong', () => {
  const short = { start: T0 + 20_040, run: 20 }
  const layout = laid(short, { ...short, state: 'failed' }, { ...short, state: 'retrying' })
  expect(hit(layout, view, 201, 10)).toMatchObject({ kind: 'cell', all: 3, failed: 1, retrying: 1 })
})

test('what stands for a run is where it is drawn', () => {
  const layout = laid({ start: T0 + 10_000, run: 2000 })
  const lane = layout.lanes[0]
  expect(lane && boxOf(layout, targetOf(layout, lane, 0, view), view)).toEqual({
    left: 100,
    top: 4,
    width: 20,
    height: 16,
  })
})
