// How much starts when must add up, whatever the time is that is looked at.
import { expect, test } from 'vitest'
import { definition, record } from '../../test/support/schedules.ts'
import { LAST_MOMENT } from './planned.ts'
import { countAll, loadOf, spanOf } from './upcoming.ts'

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

test('slots are counted as long as there is time, those of rules up to a few hundred', async () => {
  const [from, to] = [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 2)]
  const rule = { type: 'rrule', rule: 'FREQ=MINUTELY', dtstart: '2026-01-01T00:00', timezone: 'UTC' } as const
  const cron = { type: 'cron', expression: '*/10 * * * *', timezone: 'Europe/Berlin' } as const
  const often = { type: 'interval', every_ms: 1_000, offset_ms: 0 } as const
  const firing = [often, cron, rule].map((trigger) => ({ record: record('a', { definition: definition({ trigger }) }), next: from })) // prettier-ignore
  const found = async (nowMs?: () => number) =>
    (await countAll(firing, { from, to }, nowMs)).map(({ slots, more }) => [slots.length, more])
  expect(await found(() => 0)).toEqual([
    [1_003, 1_000],
    [145, 142],
    [203, null],
  ])
  let ms = 0
  expect(await found(() => (ms += 600))).toEqual([
    [1_003, 1_000],
    [3, null],
    [3, null],
  ])
})
