// When jobs of schedules are due: what spread and jitter do, which slots were missed, and how much work that is.
import { describe, expect, test } from 'vitest'
import { definition, record } from '../../test/support/schedules.ts'
import { LAST_MOMENT, nextPlanned, plannedAt, slotsAfter, slotsBetween } from './planned.ts'
import { take, timesOf } from './times.ts'
import type { TimeTrigger } from './words.ts'

const cron = (expression: string, timezone = 'UTC'): TimeTrigger => ({ type: 'cron', expression, timezone })
const of = (trigger: TimeTrigger, over: Parameters<typeof definition>[0] = {}, id = 'digest') =>
  record(id, { definition: definition({ trigger, ...over }) })
const NIGHT = Date.UTC(2026, 2, 29)

describe('the planned time', () => {
  test('is the slot itself unless it is put off, and then the same whoever asks', () => {
    expect(plannedAt(of(cron('* * * * *')), NIGHT)).toBe(NIGHT)
    const put = of(cron('* * * * *'), { spread_ms: 30_000, jitter_ms: 10_000 })
    expect(plannedAt(put, NIGHT)).toBe(plannedAt(put, NIGHT))
    const spread = of(cron('* * * * *'), { spread_ms: 60_000 })
    expect(plannedAt(spread, NIGHT) - NIGHT).toBe(plannedAt(spread, NIGHT + 60_000) - NIGHT - 60_000)
  })

  test('is spread evenly over ids, and jitters evenly over slots', () => {
    const by = (times: number[]) => Array.from({ length: 4 }, (_, n) => times.filter((at) => Math.floor(at / 15_000) === n).length) // prettier-ignore
    const ids = Array.from({ length: 400 }, (_, n) =>
      plannedAt(of(cron('* * * * *'), { spread_ms: 60_000 }, `s${n}`), 0),
    )
    const slots = Array.from({ length: 400 }, (_, n) => plannedAt(of(cron('* * * * *'), { jitter_ms: 60_000 }), n * 1e6) - n * 1e6) // prettier-ignore
    for (const share of [...by(ids), ...by(slots)]) expect(share).toBeGreaterThan(60)
  })
})

describe('the next start', () => {
  test('is that of a slot whose own time is over, when it was put off', () => {
    const late = of({ type: 'interval', every_ms: 3_600_000, offset_ms: 0 }, { spread_ms: 3_000_000 })
    const at = plannedAt(late, NIGHT)
    expect(nextPlanned(late, at - 1)).toEqual({ slot: NIGHT, at })
    expect(nextPlanned(late, at)).toEqual({ slot: NIGHT + 3_600_000, at: at + 3_600_000 })
  })

  test('is after a pause that ends, and none for one that does not, for an orphan, and after the end', () => {
    const pause = { reason: null, by: 'Ada', at: 0, until: NIGHT + 90_000 }
    const paused = { ...of(cron('* * * * *')), pause }
    expect(nextPlanned(paused, NIGHT)?.at).toBe(NIGHT + 120_000)
    expect(nextPlanned({ ...paused, pause: { ...pause, until: null } }, NIGHT)).toBeUndefined()
    expect(nextPlanned({ ...of(cron('* * * * *')), orphanedAt: 1 }, NIGHT)).toBeUndefined()
    expect(nextPlanned(of(cron('* * * * *'), { end_at: '2026-03-28T00:00:00.000Z' }), NIGHT)).toBeUndefined()
  })
})

test('no slot comes after the last moment that is told', () => {
  const rare = {
    type: 'rrule',
    rule: 'FREQ=YEARLY;INTERVAL=150',
    dtstart: '2026-05-01T00:00',
    timezone: 'UTC',
  } as const
  expect(take(slotsAfter(definition({ trigger: rare }), NIGHT), 3)).toEqual([
    Date.UTC(2026, 4, 1),
    Date.UTC(2176, 4, 1),
  ])
  expect(take(slotsAfter(definition({ trigger: cron('* * * * *') }), LAST_MOMENT), 1)).toEqual([])
})

describe('slots between two moments', () => {
  test('are the oldest or the newest, and it is said that there are more', () => {
    const hourly = of(cron('0 * * * *'))
    const range = { after: NIGHT, until: NIGHT + 10 * 3_600_000 }
    const hours = (slots: readonly number[]) => slots.map((at) => (at - NIGHT) / 3_600_000)
    const oldest = slotsBetween(hourly, { ...range, limit: 3, from: 'oldest' })
    const newest = slotsBetween(hourly, { ...range, limit: 3, from: 'newest' })
    expect([hours(oldest.slots), oldest.truncated]).toEqual([[1, 2, 3], true])
    expect([hours(newest.slots), newest.truncated]).toEqual([[8, 9, 10], true])
    const all = slotsBetween(hourly, { ...range, limit: 10, from: 'newest' })
    expect([hours(all.slots), all.truncated]).toEqual([[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], false])
  })

  test('keep to start and end', () => {
    const within = of(cron('0 * * * *'), { start_at: '2026-03-29T02:00:00.000Z', end_at: '2026-03-29T04:30:00.000Z' })
    const { slots } = slotsBetween(within, { after: NIGHT, until: NIGHT + 86_400_000, limit: 100, from: 'newest' })
    expect(slots.map((at) => (at - NIGHT) / 3_600_000)).toEqual([2, 3, 4])
  })

  test.each<[string, TimeTrigger]>([
    ['every second', { type: 'interval', every_ms: 1_000, offset_ms: 0 }],
    ['every second by the calendar', cron('* * * * * *')],
    ['every second of one hour a day', cron('* * 1 * * *')],
    ['once a year', cron('0 0 1 1 *')],
  ])('of years are found in few steps: %s', (_name, trigger) => {
    const range = { after: Date.UTC(2020, 5, 1), until: NIGHT }
    const { slots, truncated } = slotsBetween(of(trigger), { ...range, limit: 5, from: 'newest' })
    expect(truncated).toBe(true)
    expect(slots).toHaveLength(5)
    const last = slots.at(-1) ?? 0
    expect(take(timesOf(trigger, slots[0] ?? 0), 4)).toEqual(slots.slice(1))
    expect(take(timesOf(trigger, last), 1)[0]).toBeGreaterThan(NIGHT)
  })
})
