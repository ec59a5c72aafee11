// How often the rows beside the canvas are made anew.
import { describe, expect, test } from 'vitest'
import type { View } from './hit.ts'
import { Layout } from './layout.ts'
import { Rows, type RowScope } from './rows.ts'
import { span, storeOf, T0 } from './testing.ts'

const viewFrom = (from: number): View => ({ window: { from, to: from + 100_000 }, width: 1000, now: T0 + 90_000 })
const scopeOf = (over: Partial<RowScope> = {}): RowScope => {
  const layout = new Layout(storeOf({ start: T0 + 10_000, run: 20_000 }))
  layout.refresh(100, T0 + 90_000)
  const place = { scrollTop: 0, height: 400, axis: 24, kept: -1 }
  return { layout, zone: 'UTC', view: viewFrom(T0), currentOf: (lane) => lane.slots[0] ?? -1, ...place, ...over }
}
const leftOf = (rows: Rows): number | undefined => rows.views[0]?.box.left

describe('while only time moves on', () => {
  test('rows are made anew ten times a second, and say what they owe', () => {
    const scope = scopeOf()
    const rows = new Rows()
    expect(rows.follow(scope, 1_000, false)).toBe(true)
    expect(leftOf(rows)).toBe(100)
    expect(rows.follow({ ...scope, view: viewFrom(T0 + 1_000) }, 1_050, false)).toBe(false)
    expect(leftOf(rows)).toBe(100)
    expect(rows.follow({ ...scope, view: viewFrom(T0 + 2_000) }, 1_100, false)).toBe(true)
    expect(leftOf(rows)).toBe(80)
  })

  test('rows that have the focus are of every frame', () => {
    const scope = scopeOf()
    const rows = new Rows()
    rows.follow(scope, 1_000, true)
    expect(rows.follow({ ...scope, view: viewFrom(T0 + 1_000) }, 1_016, true)).toBe(true)
    expect(leftOf(rows)).toBe(90)
  })

  test('rows that are asked for are of the next frame, once', () => {
    const scope = scopeOf()
    const rows = new Rows()
    rows.follow(scope, 1_000, false)
    rows.ask()
    expect(rows.follow(scope, 1_016, false)).toBe(true)
    expect(rows.follow(scope, 1_032, false)).toBe(false)
  })
})

test.for([
  ['scrolled', { scrollTop: 10 }],
  ['of another height', { height: 300 }],
  ['with another that is kept', { kept: 1 }],
  ['in another zone', { zone: 'Asia/Tokyo' }],
  ['of another width', { view: { ...viewFrom(T0), width: 900 } }],
] as const)('rows that are %s are made anew at once', ([, over]) => {
  const scope = scopeOf()
  const rows = new Rows()
  rows.follow(scope, 1_000, false)
  expect(rows.follow({ ...scope, ...over }, 1_016, false)).toBe(true)
})

test('rows of lanes that lie elsewhere are made anew at once', () => {
  const scope = scopeOf()
  const rows = new Rows()
  rows.follow(scope, 1_000, false)
  scope.layout.store.upsert(span({ queue: 'bill', run: 50_000 }))
  scope.layout.refresh(100, T0 + 90_000)
  expect(rows.follow(scope, 1_016, false)).toBe(true)
  expect(rows.views.map((row) => row.label).sort()).toEqual(['bill', 'mail'])
})
