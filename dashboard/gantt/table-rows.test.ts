// The table beside the chart holds the same runs.
import { expect, test } from 'vitest'
import { fromInput, runsIn, sortRuns, toInput, type Sorting } from './table-rows.ts'
import { storeOf, T0 } from './testing.ts'
import { offsetAt } from './times.ts'

const hour = { from: T0, to: T0 + 3_600_000 }

test('a window holds the runs that touch it', () => {
  const store = storeOf(
    { id: 'before', start: T0 - 5000, run: 1000 },
    { id: 'into', start: T0 - 500, run: 1000 },
    { id: 'in' },
    { id: 'running', start: T0 - 9e6, run: -1, state: 'running' },
    { id: 'after', start: hour.to },
  )
  const ids = [...runsIn(store, hour, {}, T0 + 1000)].map((slot) => store.ids[slot])
  expect(ids).toEqual(['into', 'in', 'running'])
  expect([...runsIn(store, hour, { states: ['running'] }, T0)]).toHaveLength(1)
})

test.each<[Sorting, string[]]>([
  [{ by: 'start', down: true }, ['c', 'b', 'a']],
  [{ by: 'run', down: false }, ['b', 'a', 'c']],
  [{ by: 'name', down: false }, ['c', 'b', 'a']],
  [{ by: 'state', down: true }, ['b', 'c', 'a']],
])('sorted by %o', (sorting, expected) => {
  const store = storeOf(
    { id: 'a', start: T0, run: 20, name: 'z' },
    { id: 'b', start: T0 + 1, run: 10, name: 'm', state: 'failed' },
    { id: 'c', start: T0 + 2, run: 30, name: 'd' },
  )
  const slots = sortRuns(store, runsIn(store, hour, {}, T0), sorting, T0)
  expect([...slots].map((slot) => store.ids[slot])).toEqual(expected)
})

test('a time input speaks the zone’s time, and back', () => {
  const offset = (time: number): number => offsetAt(time, 'Europe/Berlin')
  expect(toInput(T0, offset(T0))).toBe('2026-11-22T11:00:00')
  expect(fromInput('2026-11-22T11:00:00', offset)).toBe(T0)
  expect(fromInput('', offset)).toBeUndefined()
})
