// What the page's link says is shown, whatever somebody wrote into it; and what the charts say is what they show.
import { describe, expect, test } from 'vitest'
import type { Timeseries } from '../../../shared/metrics/contract.ts'
import type { RetryMetrics } from '../../../shared/metrics/contract.ts'
import { scopeOf } from '../../charts/scope.ts'
import { rangeOf } from '../../shell/range.ts'
import { readingOf as ofBreakers, worstOf } from './breaker-states.ts'
import { ageWords, deadLetterAges } from './dead-letter-ages.ts'
import { deadLetters } from './dead-letters.ts'
import { largeIn, tablesIn, withTurned } from './model.ts'
import { retryAttempts } from './retry-attempts.ts'
import { retryWaste } from './retry-waste.ts'

const NOW = Date.UTC(2026, 10, 26, 10, 15, 30)
const MINUTE = 60_000
const scope = scopeOf(() => undefined, rangeOf('1h'), 'UTC')

describe('the link', () => {
  test('opens a chart large, and none for a word nobody knows', () => {
    expect(largeIn('retry-waste')).toBe('retry-waste')
    expect(largeIn('constructor')).toBeUndefined()
  })

  test('names the charts that are tables', () => {
    expect(tablesIn('dead-letters,nonsense,retry-waste')).toEqual(['dead-letters', 'retry-waste'])
    expect(withTurned(undefined, 'retry-waste')).toBe('retry-waste')
    expect(withTurned('dead-letters,retry-waste', 'dead-letters')).toBe('retry-waste')
    expect(withTurned('retry-waste', 'retry-waste')).toBeUndefined()
  })
})

const column = (key: string, y: (number | null)[], kind: 'sum' | 'level' = 'sum', label = key) => ({ key, label, unit: key.endsWith('_s') ? ('s' as const) : ('jobs' as const), kind, y }) // prettier-ignore
const told = (series: Timeseries['series']): Timeseries => {
  const length = series[0]?.y.length ?? 0
  const last = Math.floor(NOW / MINUTE) * MINUTE
  return {
    from: new Date(NOW - 60 * MINUTE).toISOString(),
    to: new Date(NOW).toISOString(),
    step_s: 60,
    partial_last: true,
    x: Array.from({ length }, (_, index) => last - (length - 1 - index) * MINUTE),
    series,
    marks: [{ at: NOW - MINUTE, kind: 'breaker_opened', text: 'smtp' }],
    totals: Object.fromEntries(series.map(({ key, y }) => [key, y.reduce<number>((sum, value) => sum + (value ?? 0), 0)])), // prettier-ignore
    truncated: false,
  }
}

describe('dead letters', () => {
  const series = [
    column('9c1f', [0, 3, 4], 'sum', 'SMTPError 450'),
    column('77aa', [1, 0, 0], 'sum', 'Timeout'),
    column('left', [0, 0, 2]),
    column('open', [1, 4, 6], 'level'),
  ]

  test('say how many came, left and lie there, and what most of them are', () => {
    const picture = deadLetters.picture(told(series), scope)
    expect(picture?.reading).toBe(
      '8 dead letters came in the last 1 h, 2 were resubmitted or discarded; 6 are open. Most are “SMTPError 450” (7).',
    )
    expect(picture?.series.map(({ as }) => as)).toEqual(['bars', 'bars', 'down', 'line'])
    expect(picture?.marks).toEqual([{ at: NOW - MINUTE, text: 'breaker of smtp opened' }])
  })

  test('of a time that is over say how many lay there then', () => {
    const over = scopeOf((name) => (name === 'from' ? '2026-11-26T10:00Z' : '2026-11-26T10:15Z'), rangeOf('1h'), 'UTC')
    expect(deadLetters.picture(told(series), over)?.reading).toMatch(/^8 dead letters came from 10:00 to 10:15, .*; 6 were open then\./) // prettier-ignore
  })

  test('lead from a bucket to those that came in it', () => {
    const picture = deadLetters.picture(told(series), scope)
    expect(picture?.leads(1)).toEqual({
      route: 'deadLetterList',
      search: { q: 'since:2026-11-26T10:14:00.000Z until:2026-11-26T10:15:00.000Z' },
    })
    const quiet = told([column('left', [0, 1]), column('open', [2, 1], 'level')])
    expect(deadLetters.picture(quiet, scope)?.leads(1)).toBeUndefined()
  })

  test('are empty and good without any', () => {
    const none = told([column('left', [null, 0]), column('open', [null, 0], 'level')])
    expect(deadLetters.picture(none, scope)).toBeUndefined()
    expect(deadLetters.empty(none, scope)).toMatchObject({ good: true })
  })
})

describe('retries', () => {
  test('say what they cost, what most of them are, and when that changed', () => {
    const transient = [1, 1, 1, 1, 1, 2, 2, 2, 2, 2]
    const picture = retryWaste.picture(
      told([column('transient', transient, 'sum', 'Transient'), column('wasted_s', transient.map((n) => n * 2)), column('delay_s', transient, 'level')]), // prettier-ignore
      scope,
    )
    expect(picture?.reading).toBe(
      '15 retries, all of them transient. Failed attempts took 30 s of worker time. They doubled at 10:11.',
    )
    expect(picture?.series.at(-1)).toMatchObject({ key: 'delay_s', as: 'listed' })
  })

  const row = (attempt: string, succeeded: number, died: number, trying: number) => ({ attempt, succeeded, died, trying }) // prettier-ignore
  const attempts = (...distribution: RetryMetrics['distribution']) =>
    retryAttempts.picture({ distribution } as RetryMetrics, scope)

  test('by attempt say how many attempts are worth it', () => {
    expect(attempts(row('1', 900, 1, 5), row('2', 80, 0, 0), row('3', 14, 0, 0), row('4', 1, 5, 0))?.reading).toBe(
      '90 % of 105 jobs that needed a retry succeeded by attempt 3. 6 died, 5 wait for another attempt.',
    )
  })

  test('by attempt say when none was needed, or none has helped', () => {
    expect(attempts(row('1', 9, 0, 0))?.reading).toBe('No job was saved by a retry. None died.')
    expect(attempts(row('1', 9, 0, 4))?.reading).toBe(
      'No retry has succeeded yet. None died, 4 wait for another attempt.',
    )
    expect(attempts(row('1', 0, 0, 0))).toBeUndefined()
    expect(attempts(row('1', 9, 0, 0), row('2', 0, 0, 0), row('3', 0, 0, 0), row('4', 0, 0, 0))?.axis.starts).toEqual([0, 1, 2]) // prettier-ignore
  })
})

describe('ages', () => {
  const none = { new: 0, ongoing: 0, ignored: 0, resolved: 0, regressed: 0 }
  const age = [
    { from_s: 0, to_s: 3_600, count: 5, by_state: { ...none, new: 4 } },
    { from_s: 3_600, to_s: 21_600, count: 0, by_state: none },
    { from_s: 21_600, to_s: 86_400, count: 0, by_state: none },
    { from_s: 86_400, to_s: 604_800, count: 0, by_state: none },
    { from_s: 604_800, to_s: null, count: 1, by_state: { ...none, ignored: 1 } },
  ]

  test('are named as one says them', () => {
    expect(age.map(ageWords)).toEqual(['< 1 h', '1–6 h', '6–24 h', '24 h–7 d', '> 7 d'])
  })

  test('tell most of them, the oldest, and what is in no group yet', () => {
    const picture = deadLetterAges.picture({ age, depth: 6, at: NOW }, scope)
    expect(picture?.reading).toBe('5 of 6 are younger than 1 h. 1 has lain there for more than 7 d.')
    expect(picture?.series.map(({ label, y }) => [label, y])).toEqual([
      ['New', [4, 0, 0, 0, 0]],
      ['Ignored', [0, 0, 0, 0, 1]],
      ['Not sorted yet', [1, 0, 0, 0, 0]],
    ])
    expect(picture?.leads(0)).toEqual({
      route: 'deadLetterList',
      search: { q: `since:${new Date(NOW - 3_600_000).toISOString()} until:${new Date(NOW).toISOString()}` },
    })
    expect(picture?.leads(1)).toBeUndefined()
  })
})

describe('breakers', () => {
  const span = { from: NOW - 10 * MINUTE, to: NOW }
  const piece = (state: 'open' | 'closed', from: number, to: number) => ({ state, from: new Date(NOW - from * MINUTE).toISOString(), to: new Date(NOW - to * MINUTE).toISOString(), duration_ms: (from - to) * MINUTE }) // prettier-ignore
  const told = [
    { service: 'crm', pieces: [piece('closed', 10, 9), piece('open', 9, 8), piece('closed', 8, 0)] },
    { service: 'smtp', pieces: [piece('closed', 10, 5), piece('open', 5, 0)] },
    { service: 'geo', pieces: [piece('closed', 10, 0)] },
  ]

  test('that kept calls back longest come first, those that did not are left out', () => {
    const strips = worstOf(told, new Map(), span, false)
    expect(strips.map(({ service, heldMs }) => [service, heldMs / MINUTE])).toEqual([
      ['smtp', 5],
      ['crm', 1],
    ])
    expect(ofBreakers(strips, 'in the last 1 h')).toBe(
      '2 services got no calls for a time, smtp the longest: 5 min. 1 is held back now.',
    )
    expect(ofBreakers([], 'in the last 1 h')).toBe('Every service got its calls in the last 1 h.')
  })
})
