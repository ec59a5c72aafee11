// The last hour's calls with the breaker held by hand, and against another limit of the budget.
import { describe, expect, test } from 'vitest'
import type { LastHour } from '../breakers/breakers.ts'
import { NO_CALLS } from '../breakers/calls.ts'
import { HISTORY_SLOT_MS } from '../breakers/history.ts'
import { Budget } from '../budgets/words.ts'
import { DEFAULT_CONFIG } from '../services/declare.ts'
import { ifForced, ifLimited } from './what-if.ts'

const START = 299_000_000
type Slot = [n: number, calls: number, failures?: number, refused?: number]
const hour = (slots: Slot[], budget: Budget | null = null): LastHour => ({
  service: {
    ...DEFAULT_CONFIG,
    ...{ name: 'smtp', summary: null, origin: 'declared', budget, version: 0 },
    ...{ updated_at: null, updated_by: null, called_at: null },
    sources: { summary: 'learnt', breaker: 'learnt', budget: 'learnt', concurrency: 'learnt', retry_budget: 'learnt' },
  },
  slots: slots.map(([n, calls, failures = 0, refused = 0]) => ({
    n: START + n,
    tally: { ...NO_CALLS, calls, failures },
    refused,
    durations: new Map(),
  })),
  from: START * HISTORY_SLOT_MS,
  to: (START + 600) * HISTORY_SLOT_MS,
})
const budget = (limit: number, perMs: number, more: object = {}): Budget =>
  Budget.parse({ limit, per_ms: perMs, ...more })

describe('a breaker that is held', () => {
  const outage = hour([
    [0, 10, 0],
    [1, 10, 5],
    [2, 0, 0, 20],
    [3, 1, 1, 9],
    [4, 10, 0],
  ])

  test('closed lets through what was refused, which goes as the calls did that were made last', () => {
    expect(ifForced(outage, 'closed')).toMatchObject({
      as_it_was: { calls: 31, failures: 6, refused: 29 },
      // Half of twenty, and all nine after the probe that failed.
      changed: { calls: 60, failures: 25, refused: 0, busiest: 20 },
      estimated: true,
    })
  })

  test('open refuses everything', () => {
    expect(ifForced(outage, 'open')).toMatchObject({
      changed: { calls: 0, failures: 0, refused: 60, busiest: 0 },
      estimated: false,
      notes: [],
    })
  })

  test('says nothing of calls where none were wanted', () => {
    expect(ifForced(hour([]), 'closed')).toMatchObject({ changed: { calls: 0, failures: 0 }, estimated: false })
  })

  test('leaves out what is older than the hour', () => {
    expect(ifForced(hour([[-1, 5], [0, 7]]), 'open').as_it_was.calls).toBe(7) // prettier-ignore
  })
})

describe('another limit', () => {
  test('puts calls off until the window has room, those that wait longest first', () => {
    const half = ifLimited(hour([[0, 10], [1, 10]], budget(20, 12_000)), budget(20, 12_000), 10) // prettier-ignore
    expect(half.as_it_was).toMatchObject({ calls: 20, delayed: 0, longest_wait_ms: 0, busiest: 20 })
    expect(half.changed).toMatchObject({ calls: 20, delayed: 10, longest_wait_ms: 6_000, left: 0, busiest: 10 })
  })

  test('tells what would still wait at the end of the hour', () => {
    const tight = ifLimited(hour([[599, 10]]), budget(100, 60_000), 4) // prettier-ignore
    expect(tight.changed).toMatchObject({ calls: 4, delayed: 6, left: 6, longest_wait_ms: 6_000 })
  })

  test('shorter than a slot has room several times in one', () => {
    const fine = ifLimited(hour([[0, 30]]), budget(10, 1_000), 5)
    expect(fine.changed).toMatchObject({ calls: 30, delayed: 0 })
    expect(fine.notes.join(' ')).toContain('six seconds')
  })

  test('says what it cannot know of budgets of units, of parts, and of long windows', () => {
    const odd = budget(10, 86_400_000, { unit: 'units', allocations: [{ kind: 'a', share: 0.5 }] })
    expect(ifLimited(hour([]), odd, 5).notes).toHaveLength(4)
  })
})
