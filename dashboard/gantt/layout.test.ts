// Lanes: their order, the sub-rows of runs that overlap, and how they follow live changes.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NO_ROW } from './lane.ts'
import { Layout } from './layout.ts'
import { span, storeOf, T0 } from './testing.ts'

const laid = (layout: Layout, msPerPx = 10, now = T0 + 60_000): Layout => {
  layout.refresh(msPerPx, now)
  return layout
}
const labels = (layout: Layout): string[] => layout.lanes.map((lane) => lane.label)
const rowsOf = (layout: Layout): number[] => [...(layout.lanes[0]?.rows.slice(0, layout.lanes[0].count) ?? [])]

test('lanes with trouble come first, then by name; other orders on request', () => {
  const store = storeOf(
    { queue: 'calm' },
    { queue: 'busy' },
    { queue: 'busy' },
    { queue: 'retrying', state: 'retrying' },
    { queue: 'zzz', state: 'failed' },
  )
  const layout = laid(new Layout(store))
  expect(labels(layout)).toEqual(['zzz', 'retrying', 'busy', 'calm'])
  layout.set({ order: 'name' })
  expect(labels(laid(layout))).toEqual(['busy', 'calm', 'retrying', 'zzz'])
  layout.set({ order: 'load' })
  expect(labels(laid(layout))[0]).toBe('busy')
})

test.each([
  ['queue', ['a', 'b']],
  ['name', ['x', 'y']],
  ['worker', ['w-1', 'w-2']],
] as const)('grouped by %s', (groupBy, expected) => {
  const store = storeOf({ queue: 'a', name: 'x', worker: 'w-1' }, { queue: 'b', name: 'y', worker: 'w-2' })
  expect(labels(laid(new Layout(store, { groupBy })))).toEqual(expected)
})

test('runs that overlap take the first free sub-row, and the lane grows', () => {
  const store = storeOf({ run: 5000 }, { start: T0 + 1000, run: 1000 }, { start: T0 + 2500, run: 500 })
  const layout = laid(new Layout(store))
  expect(rowsOf(layout)).toEqual([0, 1, 1])
  expect(layout.height).toBe(4 + 14 + 2 + 14 + 4)
})

test('no two bars of one sub-row overlap, whatever the runs', () => {
  const run = fc.record({ start: fc.integer({ min: 0, max: 9000 }), run: fc.integer({ min: 0, max: 4000 }) })
  fc.assert(
    fc.property(fc.array(run, { maxLength: 40 }), (runs) => {
      const store = storeOf(...runs.map((each) => ({ ...each, start: T0 + each.start })))
      const lane = laid(new Layout(store)).lanes[0]
      const ends = new Map<number, number>()
      for (let at = 0; at < (lane?.count ?? 0); at++) {
        const [row, slot] = [lane?.rows[at] ?? 0, lane?.slots[at] ?? 0]
        if (row === NO_ROW) continue
        expect(store.start[slot]).toBeGreaterThanOrEqual(ends.get(row) ?? 0)
        ends.set(row, store.end(slot, 0))
      }
    }),
  )
})

test('six sub-rows are shown, and what is beyond is counted', () => {
  const store = storeOf(...Array.from({ length: 9 }, () => ({ run: 5000 })))
  const layout = laid(new Layout(store))
  const lane = layout.lanes[0]
  expect(lane && [layout.shown(lane), layout.hidden(lane)]).toEqual([6, 3])
})

test('runs too short to be seen at a zoom take no sub-row there, and take one closer by', () => {
  const store = storeOf({ run: 100 }, { run: 100 })
  const layout = laid(new Layout(store), 1000)
  expect(rowsOf(layout)).toEqual([NO_ROW, NO_ROW])
  expect(rowsOf(laid(layout, 10))).toEqual([0, 1])
})

test('a running run gets its sub-row once it is long enough, and frees it when it ends', () => {
  const store = storeOf()
  const layout = laid(new Layout(store), 100, T0)
  store.upsert(span({ id: 'a', run: -1, state: 'running' }))
  layout.refresh(100, T0 + 100)
  expect(rowsOf(layout)).toEqual([NO_ROW])
  layout.refresh(100, T0 + 1000)
  expect(rowsOf(layout)).toEqual([0])
  expect(layout.lanes[0]?.running).toHaveLength(1)
  store.upsert(span({ id: 'a', run: 2000, state: 'completed' }))
  store.upsert(span({ start: T0 + 3000, run: 1000 }))
  layout.refresh(50, T0 + 9000)
  expect(layout.lanes[0]?.running).toHaveLength(0)
  expect(rowsOf(layout)).toEqual([0, 0])
})

test('a live lane is the lane that would be built from the same runs', () => {
  const change = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    start: fc.integer({ min: 0, max: 50 }),
    run: fc.constantFrom(-1, 5, 30),
  })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
      const store = storeOf()
      const live = laid(new Layout(store))
      for (const { id, start, run } of changes) {
        store.upsert(span({ id, start: T0 + start, run, state: run < 0 ? 'running' : 'completed' }))
      }
      live.refresh(10, T0 + 60_000)
      const built = laid(new Layout(store))
      const view = (layout: Layout): unknown =>
        layout.lanes.map((lane) => {
          const slots = [...lane.slots.slice(0, lane.count)]
          const starts = slots.map((slot) => store.start[slot])
          const ends = [...lane.ends.slice(0, lane.count)]
          return { starts, slots, ends, running: [...lane.running].sort(), states: [...lane.states] }
        })
      expect(view(live)).toEqual(view(built))
    }),
  )
})

test('a filter decides which runs there are, also while they change', () => {
  const store = storeOf({ id: 'a', run: -1, state: 'running' }, { id: 'b' })
  const layout = laid(new Layout(store, { filter: { states: ['running'] } }))
  expect(layout.lanes[0]?.count).toBe(1)
  store.upsert(span({ id: 'a', state: 'completed' }))
  expect(laid(layout).lanes).toHaveLength(0)
  layout.set({ filter: { text: 'b' } })
  expect(laid(layout).lanes[0]?.count).toBe(1)
})

test('what could be seen at a time is found, also behind runs that were short', () => {
  const store = storeOf({ run: 100_000 }, { start: T0 + 1000, run: 10 }, { start: T0 + 50_000, run: 10 })
  const lane = laid(new Layout(store)).lanes[0]
  expect(lane?.firstAt(T0 + 60_000)).toBe(0)
  expect(lane?.firstAt(T0 + 200_000)).toBe(3)
  expect(lane?.firstFrom(T0 + 1000)).toBe(1)
})

test('a lane is found by height', () => {
  const layout = laid(new Layout(storeOf({ queue: 'a' }, { queue: 'b' })))
  expect(layout.laneAt(0)?.label).toBe('a')
  expect(layout.laneAt(24)?.label).toBe('b')
  expect(layout.laneAt(48)).toBeUndefined()
})
