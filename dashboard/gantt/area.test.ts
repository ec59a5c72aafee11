// A marked stretch is counted as it is drawn: by lane and time, what died by when it ended.
import { describe, expect, test } from 'vitest'
import { before, tallyOf } from './area.ts'
import { nextFailure } from './failures.ts'
import { Layout } from './layout.ts'
import { Steps } from './steps.ts'
import { storeOf, T0 } from './testing.ts'

const layoutOf = (...rows: Parameters<typeof storeOf>): Layout => {
  const layout = new Layout(storeOf(...rows), { order: 'name' })
  layout.refresh(10, T0 + 60_000)
  return layout
}
const area = (from: number, to: number, lanes?: string[]) => ({
  ...{ from: T0 + from, to: T0 + to },
  ...{ lanes: lanes ?? [], isAll: lanes === undefined },
})

describe('a set', () => {
  const layout = layoutOf(
    { start: T0, run: 1_000, wait: 5, queue: 'a' },
    { start: T0 + 500, run: 1_000, state: 'failed', queue: 'a' },
    { start: T0 + 900, run: 500, state: 'retrying', queue: 'b' },
    { start: T0 + 5_000, run: 100, state: 'failed', queue: 'b' },
    { start: T0 - 9_000, run: -1, state: 'running', queue: 'b' },
  )

  test('holds the runs that touch it, also those that began long before and go on', () => {
    expect(tallyOf(layout, area(0, 2_000), T0 + 60_000)).toMatchObject({ runs: 4, dead: 1, troubled: 1, p50: 1_000 })
  })

  test('counts as dead who died in it, and leaves other lanes out', () => {
    expect(tallyOf(layout, area(0, 1_200), T0 + 60_000)).toMatchObject({ runs: 4, dead: 0 })
    expect(tallyOf(layout, area(0, 2_000, ['a']), T0 + 60_000)).toMatchObject({ runs: 2, dead: 1, troubled: 0 })
  })

  test('has one before it, as long as itself', () => {
    expect(before(area(1_000, 3_000))).toMatchObject({ from: T0 - 1_000, to: T0 + 1_000 })
  })
})

describe('the next failure', () => {
  const layout = layoutOf(
    { start: T0 + 100, state: 'failed', queue: 'a', id: 'a1' },
    { start: T0 + 900, state: 'retrying', queue: 'a', id: 'a2' },
    { start: T0 + 500, queue: 'b', id: 'b0' },
    { start: T0 + 600, state: 'stalled', queue: 'b', id: 'b1' },
  )
  const window = { from: T0, to: T0 + 10_000 }
  const idOf = (place: ReturnType<typeof nextFailure>): string => layout.store.ids[place?.slot ?? -1] ?? 'none'

  test('is read lane after lane, from left to right, and goes around', () => {
    const seen = []
    let here = nextFailure(layout.lanes, undefined, 1, window)
    for (let step = 0; step < 4; step++) {
      seen.push(idOf(here))
      here = nextFailure(layout.lanes, here, 1, window)
    }
    expect(seen).toEqual(['a1', 'a2', 'b1', 'a1'])
    expect(idOf(nextFailure(layout.lanes, undefined, -1, window))).toBe('b1')
  })

  test('from a run that went well is the one behind it, or before it', () => {
    const lane = layout.lanes[1]
    const slot = layout.store.find({ queue: 'b', id: 'b0', attempt: 1 })
    if (!lane) throw new Error('there is no lane')
    expect(idOf(nextFailure(layout.lanes, { lane, slot }, 1, window))).toBe('b1')
    expect(idOf(nextFailure(layout.lanes, { lane, slot }, -1, window))).toBe('a2')
  })

  test('is none where nothing in the window went wrong', () => {
    expect(nextFailure(layout.lanes, undefined, 1, { from: T0 + 2_000, to: T0 + 3_000 })).toBeUndefined()
  })
})

test('windows that were left are gone back to, and forward again; a turn of the wheel is one step', () => {
  const steps = new Steps()
  const at = (from: number) => ({ from, to: from + 1 })
  steps.leave(at(0), 0)
  steps.leave(at(1), 100)
  steps.leave(at(2), 5_000)
  expect(steps.go(-1, at(3))).toEqual(at(2))
  expect(steps.go(-1, at(2))).toEqual(at(0))
  expect(steps.go(-1, at(0))).toBeUndefined()
  expect(steps.go(1, at(0))).toEqual(at(2))
})
