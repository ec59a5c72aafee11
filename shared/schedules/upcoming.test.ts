// How much starts when must add up, whatever the time is that is looked at.
import { expect, test } from 'vitest'
import { LAST_MOMENT } from './planned.ts'
import { loadOf, spanOf } from './upcoming.ts'

test('each start is counted in its part of the time, and what lies outside in none', () => {
  const [from, to] = [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 2)]
  const quarter = 900_000
  const load = loadOf([from, from + quarter - 1, from + quarter, to - 1, to, from - 1], from, to)
  expect(load).toHaveLength(96)
  expect(load.filter(({ jobs }) => jobs > 0)).toEqual([
    { at: '2026-01-01T00:00:00.000Z', jobs: 2 },
    { at: '2026-01-01T00:15:00.000Z', jobs: 1 },
    { at: '2026-01-01T23:45:00.000Z', jobs: 1 },
  ])
})

test('what is looked at begins now or later, ends no sooner, and is a month at most', () => {
  const [now, day] = [Date.UTC(2026, 0, 1), 86_400_000]
  const span = (from?: string, to?: string) => spanOf(now, { from, to })
  expect(span()).toEqual({ from: now, to: now + day })
  expect(span('2020-01-01T00:00:00Z', '2020-01-02T00:00:00Z')).toEqual({ from: now, to: now })
  expect(span('2026-01-03T00:00:00Z', '2026-01-02T00:00:00Z')).toEqual({ from: now + 2 * day, to: now + 2 * day })
  expect(span('9999-12-31T23:59:59Z')).toEqual({ from: LAST_MOMENT, to: LAST_MOMENT + day })
  expect(span(undefined, '9999-12-31T23:59:59Z')).toEqual({ from: now, to: now + 31 * day })
})
