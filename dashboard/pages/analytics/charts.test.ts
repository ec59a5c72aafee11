// What the charts of outcomes, times, lines and schedules say is what they show.
import { describe, expect, test } from 'vitest'
import type { Timeseries } from '../../../shared/metrics/contract.ts'
import { beforeLine, besideWords } from '../../charts/metric.ts'
import { earlierIn, earlierSpan, scopeKey, scopeOf } from '../../charts/scope.ts'
import { rangeOf } from '../../shell/range.ts'
import { readingOf as ofLine } from './backlog.ts'
import { mapRows, peaksOf, readingOf as ofMap } from './duration-map.ts'
import { readingOf as ofTimes } from './latency.ts'
import { outcomes } from './outcomes.ts'
import { levelOf, readingOf as ofSchedules, rowsOf } from './schedule-history.ts'
import { readingOf as ofSlots } from './slots.ts'
import { success } from './success.ts'
import { logShare, powersOf, readingOf as ofWaits, waitsOf } from './wait-by-priority.ts'
import { readingOf as ofDeliveries } from './webhook-deliveries.ts'

const NOW = Date.UTC(2026, 10, 26, 10, 15)
const scope = scopeOf(() => undefined, rangeOf('1h'), 'UTC')
const column = (key: string, y: (number | null)[], unit: Timeseries['series'][number]['unit'] = 'jobs') => ({ key, label: key, unit, kind: 'sum' as const, y }) // prettier-ignore
const told = (...series: Timeseries['series']): Timeseries => ({
  from: new Date(NOW - 3_600_000).toISOString(),
  to: new Date(NOW).toISOString(),
  step_s: 60,
  partial_last: false,
  x: (series[0]?.y ?? []).map((_, at) => NOW + at * 60_000),
  series,
  marks: [],
  totals: Object.fromEntries(
    series.map(({ key, y }) => [key, y.reduce<number>((sum, value) => sum + (value ?? 0), 0)]),
  ),
  truncated: false,
})
const shown = (key: string, y: (number | null)[], label = key) => ({ key, label, y, unit: 'jobs' as const, as: 'bars' as const, look: { ink: '', pattern: 'plain' as const } }) // prettier-ignore

describe('outcomes', () => {
  const now = told(column('failed', [1, 0]), column('retried', [0, 2]), column('cancelled', [0, 0]), column('completed', [40, 57])) // prettier-ignore

  test('say how many died, with deaths at the base, and how the time before was', () => {
    const before = told(column('failed', [0, 0]), column('completed', [100, 100]))
    const picture = outcomes.picture({ now, before }, scope)
    expect(picture?.series.map(({ key }) => key)).toEqual(['failed', 'retried', 'cancelled', 'completed', 'before'])
    expect(picture?.reading).toBe('100 attempts ended, 1 (1 %) as dead letters. 50 % fewer than in the time before.')
    expect(picture?.leads(0)).toMatchObject({ route: 'timeline', search: { color: 'status' } })
  })

  test('of nothing are no picture', () => {
    expect(outcomes.picture({ now: told(column('failed', [0])), before: undefined }, scope)).toBeUndefined()
  })
})

test('success leaves out shares of few jobs, unless all are such', () => {
  const series = [column('final', [1, 0.5], 'share'), column('first', [0.9, 0.5], 'share'), column('ended', [100, 2])]
  const picture = success.picture({ now: told(...series), before: undefined }, scope)
  expect(picture?.series.find(({ key }) => key === 'final')?.y).toEqual([1, null])
  expect(picture?.reading).toBe('99 % of 102 jobs completed, 89 % at the first attempt.')
  const few = [column('final', [1, 0.5], 'share'), column('ended', [4, 2])]
  expect(success.picture({ now: told(...few), before: undefined }, scope)?.series[0]?.y).toEqual([1, 0.5])
})

test('times say the last 95 of 100, and the worst where it was worse', () => {
  const line = (y: number[]) => ofTimes('run', [{ ...shown('run_p95', y), unit: 's' }])
  expect(line([1, 1.2])).toBe('95 of 100 jobs ran at most 1.2 s last.')
  expect(line([9, 1])).toBe('95 of 100 jobs ran at most 1.0 s last, at worst 9.0 s.')
  expect(line([])).toBe('')
})

test('lines say how many wait where, and that nothing does', () => {
  const [mail, sms] = [shown('queue mail', [5, 30]), shown('queue sms', [5, 10])]
  expect(ofLine([mail, sms], [1, 60])).toBe('40 in line, most in queue mail, at most 40. The first has waited 1 min.')
  expect(ofLine([{ ...mail, y: [5, 0] }], [1, 0])).toBe('Nothing waits; at most 5 did.')
})

test('slots say how many are in use, and how often all were', () => {
  expect(ofSlots([4, 1], [4, 4])).toBe('1 of 4 slots are in use. They were full in 50 % of the time.')
  expect(ofSlots([null], [null])).toBe('No worker of ours was there to have slots.')
})

test('waits by priority say whether what is urgent goes first', () => {
  const of = (critical: number, low: number) => waitsOf(told(column('critical_ended', [3]), column('critical_p95', [critical], 's'), column('low_ended', [9]), column('low_p95', [low], 's'))) // prettier-ignore
  expect(of(1, 2).map(({ bin }) => bin)).toEqual(['critical', 'low'])
  expect(ofWaits(of(3, 2))).toContain('What is urgent waits no less than the rest.')
  expect(ofWaits(of(1, 60))).toContain('Low jobs starve.')
  expect(powersOf(5)).toEqual([0.001, 0.01, 0.1, 1, 10])
  expect(logShare(0.1, 5)).toBeCloseTo(0.5)
})

test('a map of durations begins and ends with what has runs, and tells two kinds of work apart', () => {
  const rows = mapRows(told(...[0, 9, 1, 0, 1, 8, 0].map((many, at) => column(`below_${at}`, [many]))))
  expect(rows.map(({ total }) => total)).toEqual([9, 1, 0, 1, 8])
  expect(peaksOf(rows)).toHaveLength(2)
  expect(ofMap(rows)).toContain('19 runs, in 2 groups')
  expect(mapRows(told(column('a', [0])))).toEqual([])
})

test('schedules say how many were on time and which the least, that one first', () => {
  const run = (schedule_id: string, status: 'completed' | 'failed', lateMs: number) => ({ id: `${schedule_id}${lateMs}`, schedule_id, status, skipped: null, scheduled_for: new Date(NOW).toISOString(), triggered_at: new Date(NOW + lateMs).toISOString(), planned_at: null }) as never // prettier-ignore
  const runs = [run('a', 'completed', 10), run('b', 'completed', 20_000), run('b', 'failed', 0)]
  expect(rowsOf(runs).map(({ id }) => id)).toEqual(['b', 'a'])
  expect(ofSchedules(runs)).toBe('1 of 3 on time in 2 schedules. Least so b: 0 of 2 on time.')
  expect(runs.map(levelOf)).toEqual([0, 2, 0])
})

test('deliveries say how many arrived and what the others mostly were', () => {
  expect(ofDeliveries([shown('status_5xx', [3], '5xx'), shown('status_2xx', [7])])).toBe('70 % of 10 attempts arrived. 3 attempts failed, all of them 5xx.') // prettier-ignore
})

describe('the time before', () => {
  test('is asked for with both its ends, and decides what is asked', () => {
    const day = earlierIn('1d')?.ms ?? 0
    expect(earlierSpan(scope, day, NOW)).toEqual({ from: '2026-11-25T09:15:00.000Z', to: '2026-11-25T10:15:00.000Z' })
    expect(scopeKey({ ...scope, earlierMs: day })).not.toBe(scopeKey(scope))
    expect(earlierIn('2d')).toBeUndefined()
  })

  test('lies bucket on bucket, and is not made up where nothing is known', () => {
    const line = beforeLine({ now: told(column('a', [1, 2])), before: told(column('a', [5, null])) }, ['a'], 'curve')
    expect(line?.y).toEqual([5, null])
    expect(besideWords(5, 0, 'in the time before')).toBe(' None in the time before.')
    expect(besideWords(5, undefined, 'x')).toBe('')
  })
})
