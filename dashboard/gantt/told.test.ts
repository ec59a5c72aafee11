// A lane that is told in cells is sorted, walked, hit and drawn as one that is told in runs.
import { describe, expect, test } from 'vitest'
import { hit, targetOf } from './hit.ts'
import { Layout } from './layout.ts'
import { groupsOf, groupWords } from './mark-groups.ts'
import { Line } from './folds.ts'
import { Cells } from './lod.ts'
import { edgeRun, nextRun } from './stepping.ts'
import { storeOf, T0 } from './testing.ts'

const MINUTE = 60_000
const cells = {
  ...{ from: '', to: '', step_ms: MINUTE, truncated: false },
  queues: ['mail', 'sms'],
  queue: [0, 0, 1],
  at: [T0, T0 + 2 * MINUTE, T0 + MINUTE],
  ...{ all: [10, 4, 7], failed: [0, 1, 7], retrying: [2, 0, 0] },
}
const view = { window: { from: T0, to: T0 + 10 * MINUTE }, width: 1_000, now: T0 + 10 * MINUTE }

const told = (): Layout => {
  const layout = new Layout(storeOf({ queue: 'other' }))
  layout.tell(cells)
  layout.refresh(600, view.now)
  return layout
}

describe('told in cells', () => {
  test('lanes are those of the counts, trouble first, and runs are left out', () => {
    const layout = told()
    expect(layout.lanes.map(({ label, load }) => [label, load])).toEqual([['sms', 7], ['mail', 14]]) // prettier-ignore
    layout.tell(undefined)
    layout.refresh(600, view.now)
    expect(layout.lanes.map(({ label }) => label)).toEqual(['other'])
  })

  test('a point finds its cell, and the arrows the next one that is not empty', () => {
    const layout = told()
    const mail = layout.lanes[1]
    if (!mail) throw new Error('there is no lane')
    expect(hit(layout, view, 50, mail.top + 8)).toMatchObject({ kind: 'cell', all: 10, retrying: 2, from: T0 })
    expect(hit(layout, view, 150, mail.top + 8)).toBeUndefined()
    expect(nextRun(layout, mail, 0, 1, view)).toBe(1)
    expect(nextRun(layout, mail, 1, 1, view)).toBe(1)
    expect(targetOf(layout, mail, edgeRun(layout, mail, 'last', view), view)).toMatchObject({ failed: 1, all: 4 })
  })

  test('a cell wider than a few pixels is as full in each of them', () => {
    const some = new Cells()
    some.open(T0, T0 + 10 * MINUTE, 600)
    some.tell(T0, T0 + MINUTE, { all: 10, failed: 5, retrying: 0, share: 1 })
    expect(some.shade(1)).toBe(4)
    expect([some.all[1], some.failed[1]]).toEqual([10, 5])
    expect(some.all[some.cellOf(T0 + 2 * MINUTE)]).toBe(0)
  })
})

test('marks that would touch are one sign, which looks like what weighs most and says how many', () => {
  const mark = (kind: 'note' | 'schedule' | 'breaker', at: number) => ({ kind, at: T0 + at, text: 'It', about: 'x', id: null, count: 1 }) // prettier-ignore
  const line = new Line(view.window, 1_000)
  const groups = groupsOf([mark('schedule', 0), mark('breaker', 1_000), mark('schedule', 2_000), mark('schedule', 3_000), mark('note', 5 * MINUTE)], line, 1_000) // prettier-ignore
  expect(groups.map(({ kind, marks }) => [kind, marks.length])).toEqual([['breaker', 4], ['note', 1]]) // prettier-ignore
  expect(groupWords(groups[0] as never, 'UTC')).toContain('; 1 more')
  expect(groupWords(groups[1] as never, 'UTC')).toBe('10:05:00 “It”, x')
})
