// Percentiles are those of all jobs of a bucket, and what is not known is not zero.
import { describe, expect, test } from 'vitest'
import { deliveryColumns, deliveryKind } from './delivery-counts.ts'
import { frameOf } from './frame.ts'
import { backlogColumns, backlogFields, slotColumns } from './levels.ts'
import { outcomeColumns, rateColumns } from './outcomes.ts'
import { durationColumns, latencyColumns, spreadOf, waitColumns } from './spread.ts'

const counted = (...jobs: [waitMs: number, runMs: number, bin: number][]): Map<string, number> => {
  const sums = new Map<string, number>()
  for (const job of jobs) for (const name of spreadOf(...job)) sums.set(name, (sums.get(name) ?? 0) + 1)
  return sums
}
const valueOf = (columns: { key: string; y: (number | null)[] }[], key: string) => columns.find((one) => one.key === key)?.y // prettier-ignore

describe('how long jobs took', () => {
  const sums = counted([10, 1_000, 3], [20, 1_000, 3], [5_000, 60_000, 0])

  test('is told by percentiles of waits and runs, with how many ended', () => {
    const columns = latencyColumns([true, true], [sums, new Map()])
    expect(valueOf(columns, 'ended')).toEqual([3, 0])
    expect(valueOf(columns, 'run_p50')?.[0]).toBeCloseTo(1.1, 0)
    expect(valueOf(columns, 'wait_p95')?.[0]).toBeGreaterThan(4.9)
    expect(valueOf(columns, 'run_p95')?.[1]).toBeNull()
  })

  test('is told by priority, twenty values in all', () => {
    const columns = waitColumns(sums)
    expect(columns).toHaveLength(20)
    expect([valueOf(columns, 'critical_ended'), valueOf(columns, 'low_ended')]).toEqual([[2], [1]])
    expect(valueOf(columns, 'normal_p50')).toEqual([null])
  })

  test('is told as a map whose rows double', () => {
    const columns = durationColumns([true], [sums])
    expect(columns).toHaveLength(20)
    expect(columns.filter(({ y }) => (y[0] ?? 0) > 0).map(({ y }) => y[0])).toEqual([2, 1])
    expect(valueOf(durationColumns([false], [new Map()]), 'longer')).toEqual([null])
  })
})

test('shares are of jobs that ended; without any there is none', () => {
  const columns = rateColumns([true, true], [new Map([['completed', 8], ['failed', 2], ['first', 6]]), new Map()]) // prettier-ignore
  expect([valueOf(columns, 'final'), valueOf(columns, 'first')]).toEqual([[0.8, null], [0.6, null]]) // prettier-ignore
  expect(valueOf(outcomeColumns([false], [new Map()]), 'failed')).toEqual([null])
})

describe('levels', () => {
  const now = 1_800_000_000_000
  const frame = frameOf({ from: now - 10_000, to: now }, now)
  const known = frame.x.map(() => true)

  const all = { names: 'all', fits: () => true } as const
  const lookOf = (lines: [string, number][], rest: number) => Object.fromEntries(Object.entries(backlogFields(new Map(lines), new Map(), rest)).map(([field, value]) => [field, String(value)])) // prettier-ignore
  const told = (...looks: Record<string, string>[]) => backlogColumns(frame, known, frame.slots.map((_, at) => looks[at] ?? {}), all) // prettier-ignore

  test('of a line that was not among the longest are not known, and its jobs are among the others', () => {
    const columns = told(lookOf([['a', 5]], 0), lookOf([['b', 900]], 70))
    expect(valueOf(columns, 'queue a')?.slice(0, 2)).toEqual([5, null])
    expect(valueOf(columns, 'rest')?.slice(0, 2)).toEqual([0, 70])
  })

  test('of a bucket are those that its last look found, also when nothing waited any more', () => {
    const wide = frameOf({ from: now - 1_800_000, to: now }, now)
    const looks = wide.slots.map((_, at) => (at === 0 ? lookOf([['a', 5]], 0) : at === 1 ? lookOf([], 0) : {}))
    const columns = backlogColumns(wide, wide.x.map(() => true), looks, all) // prettier-ignore
    expect(wide.slots.length).toBeGreaterThan(2 * wide.x.length)
    expect(columns.flatMap(({ y }) => y).every((value) => value === 0)).toBe(true)
  })

  test('of lines are those of queues that may be told, the longest first', () => {
    const look = Object.fromEntries(Object.entries(backlogFields(new Map([['a', 5], ['b', 9], ['secret', 99]]), new Map([['a', 3_000]]), 0)).map(([field, value]) => [field, String(value)])) // prettier-ignore
    const columns = backlogColumns(frame, known, frame.slots.map((_, at) => (at === 0 ? look : {})), { names: undefined, fits: (queue) => queue !== 'secret' }) // prettier-ignore
    expect(columns.map(({ key }) => key)).toEqual(['queue b', 'queue a', 'oldest_s'])
    expect(valueOf(columns, 'queue b')?.[0]).toBe(9)
    expect(valueOf(columns, 'oldest_s')?.[0]).toBe(3)
    expect(valueOf(columns, 'queue b')?.[1]).toBe(0)
  })

  test('of slots are null where nobody looked', () => {
    const columns = slotColumns(frame, frame.slots.map((_, at) => (at === 0 ? { running: '2', slots: '4' } : {}))) // prettier-ignore
    expect(valueOf(columns, 'running')?.slice(0, 2)).toEqual([2, null])
  })
})

test('deliveries are told by what was answered', () => {
  expect([deliveryKind(204, null), deliveryKind(302, 'http_302'), deliveryKind(503, 'http_503'), deliveryKind(null, 'timeout_total'), deliveryKind(null, 'refused')]).toEqual(['status_2xx', 'status_4xx', 'status_5xx', 'timeout', 'refused']) // prettier-ignore
  const columns = deliveryColumns([true], [new Map([['status_2xx', 3], ['t40', 3]])]) // prettier-ignore
  expect(valueOf(columns, 'status_2xx')).toEqual([3])
  expect(valueOf(columns, 'p95_s')?.[0]).toBeGreaterThan(1)
})
