// The keyboard: which key means what, and that the arrows reach every run.
import { expect, test } from 'vitest'
import type { View } from './hit.ts'
import { commandFor } from './keys.ts'
import type { Lane } from './lane.ts'
import { Layout } from './layout.ts'
import { edgeRun, nearestRun, nextRun } from './stepping.ts'
import { storeOf, T0 } from './testing.ts'

const view: View = { window: { from: T0, to: T0 + 100_000 }, width: 1000, now: T0 + 90_000 }
const laid = (...rows: Parameters<typeof storeOf>): [Layout, Lane] => {
  const layout = new Layout(storeOf(...rows))
  layout.refresh(100, view.now)
  return [layout, layout.lanes[0] as Lane]
}
const press = (key: string, held: Partial<Record<'shiftKey' | 'ctrlKey', boolean>> = {}): unknown =>
  commandFor({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...held })

test('keys mean what the list of shortcuts says', () => {
  expect(press('ArrowLeft')).toEqual({ do: 'run', by: -1 })
  expect(press('ArrowDown')).toEqual({ do: 'lane', by: 1 })
  expect(press('+')).toEqual({ do: 'zoom', factor: 0.5 })
  expect(press('S')).toEqual({ do: 'zoom', factor: 2 })
  expect(press('ArrowRight', { shiftKey: true })).toEqual({ do: 'pan', share: 0.25 })
  expect(press(' ')).toEqual({ do: 'pin' })
})

test('keys that were given mean what the chart’s own did, and those mean nothing', () => {
  const meaning = (key: string): string | undefined =>
    ({ q: 'N', i: '+', n: undefined })[key] ?? (key === 'n' ? undefined : key)
  const given = (key: string): unknown =>
    commandFor({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false }, { meaning, hint: () => '' })
  expect(given('q')).toEqual({ do: 'failure', by: -1 })
  expect(given('i')).toEqual({ do: 'zoom', factor: 0.5 })
  expect(given('n')).toBeUndefined()
  expect(given('ArrowLeft')).toEqual({ do: 'run', by: -1 })
})

test('a held modifier and any other key belong to the browser', () => {
  expect(press('f', { ctrlKey: true })).toBeUndefined()
  expect(press('q')).toBeUndefined()
})

test('an arrow goes to the run before or after, and stays at the ends', () => {
  const [layout, lane] = laid({ run: 1000 }, { start: T0 + 5000 }, { start: T0 + 9000 })
  expect(nextRun(layout, lane, 0, 1, view)).toBe(1)
  expect(nextRun(layout, lane, 2, 1, view)).toBe(2)
  expect(nextRun(layout, lane, 0, -1, view)).toBe(0)
})

test('from a cell an arrow leaves the cell, but does not jump over a bar', () => {
  const short = { start: T0 + 20_040, run: 20 }
  const [layout, lane] = laid(
    short,
    { ...short, start: T0 + 20_060 },
    { start: T0 + 20_080, run: 3000 },
    { start: T0 + 40_000 },
  )
  expect(nextRun(layout, lane, 0, 1, view)).toBe(2)
})

test('into another lane one comes to the run nearest in time', () => {
  const [layout, lane] = laid({ start: T0 }, { start: T0 + 10_000 }, { start: T0 + 20_000 })
  expect(nearestRun(layout, lane, T0 + 14_000)).toBe(1)
  expect(nearestRun(layout, lane, T0 + 16_000)).toBe(2)
  expect(nearestRun(layout, lane, T0 + 9e9)).toBe(2)
})

test('Home and End go to the ends of what is in view', () => {
  const [layout, lane] = laid({ start: T0 - 9000 }, { start: T0 + 100 }, { start: T0 + 500 }, { start: T0 + 900_000 })
  expect(edgeRun(layout, lane, 'first', view)).toBe(1)
  expect(edgeRun(layout, lane, 'last', view)).toBe(2)
})
