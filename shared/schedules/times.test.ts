// When triggers fire: by the clocks of their place, strictly after a moment, and as they are told in words.
import { describe, expect, test } from 'vitest'
import { checkTrigger } from './check.ts'
import { cronTimes } from './cron.ts'
import type { DataFilter } from '../kernel/data-filter.ts'
import { describeTrigger } from './describe.ts'
import { take, timesOf } from './times.ts'
import type { TimeTrigger } from './words.ts'
import { noteOf, onTheWall } from './zone.ts'

const cron = (expression: string, timezone = 'UTC'): TimeTrigger => ({ type: 'cron', expression, timezone })
const minutely = { type: 'interval', every_ms: 60_000, offset_ms: 5_000 } as const

/** The first times after one, as the wall clock of the place shows them, each with what is special about it. */
const board = (expression: string, zone: string, after: string, count: number): string[] =>
  take(timesOf(cron(expression, zone), Date.parse(after)), count).map((at) =>
    [onTheWall(at, zone).replace(':00.000', ' '), noteOf(at, zone) ?? ''].join('').trim(),
  )
const days = (expression: string, after: string, count: number): string[] =>
  take(timesOf(cron(expression), Date.parse(after)), count).map((at) => new Date(at).toISOString().slice(0, 10))

describe('nights on which clocks change', () => {
  test('a time that a spring night leaves out comes an hour later, once', () => {
    expect(board('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28T02:30 +01:00',
      '2026-03-29T03:30 +02:00clocks go forward from 02:00 to 03:00; times in between do not exist',
      '2026-03-30T02:30 +02:00',
    ])
  })

  test('a time that an autumn night has twice comes the first time', () => {
    expect(board('30 1 * * *', 'America/New_York', '2026-10-31T12:00:00Z', 2)).toEqual([
      '2026-11-01T01:30 -04:0001:30 comes twice; this is the first, before clocks go back',
      '2026-11-02T01:30 -05:00',
    ])
  })

  test('what comes every half hour comes every half hour', () => {
    const times = take(timesOf(cron('*/30 * * * *', 'Europe/Berlin'), Date.parse('2026-10-24T23:00:00Z')), 8)
    expect(times.map((at) => at - (times[0] ?? 0))).toEqual(times.map((_, n) => n * 1_800_000))
    expect(times.map((at) => noteOf(at, 'Europe/Berlin')?.replace(/.*the /, ''))).toEqual([
      undefined,
      'first, before clocks go back',
      'first, before clocks go back',
      'second, after clocks went back',
      'second, after clocks went back',
      undefined,
      undefined,
      undefined,
    ])
  })

  test.each([
    ['30 2 * * *', 'Europe/Berlin', '2026-03-29T01:00:00Z'],
    ['10 */2 * * *', 'Europe/Berlin', '2026-03-29T01:00:00Z'],
    ['*/15 * * * *', 'Europe/Berlin', '2026-10-25T01:00:00Z'],
    ['30 2 * * *', 'America/New_York', '2026-03-08T07:00:00Z'],
    ['30 1 * * *', 'America/New_York', '2026-11-01T06:00:00Z'],
    ['15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
    ['15 * * * *', 'Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
    ['*/10 * * * *', 'Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
    ['45 1 * * *', 'Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
  ])('whoever asks when, a slot is the same: %s in %s', (expression, zone, change) => {
    const start = Date.parse(change) - 3 * 3_600_000
    // Not by `timesOf`, which keeps what was found.
    const all = take(cronTimes(expression, zone, start), 40)
    for (let after = start; after < start + 6 * 3_600_000; after += 1_200_001)
      expect(take(cronTimes(expression, zone, after), 2)).toEqual(all.filter((at) => at > after).slice(0, 2))
  })

  test('clocks that change by half an hour are told exactly', () => {
    const change = Date.parse('2027-04-03T15:00:00Z')
    expect(noteOf(change - 900_000, 'Australia/Lord_Howe')).toBe(
      '01:45 comes twice; this is the first, before clocks go back',
    )
    expect(noteOf(change - 2_700_000, 'Australia/Lord_Howe')).toBe(undefined)
  })
})

describe('the calendar', () => {
  test('the 31st comes in seven months', () => {
    expect(days('0 0 31 * *', '2026-01-01T00:00:00Z', 7)).toEqual(
      ['01', '03', '05', '07', '08', '10', '12'].map((month) => `2026-${month}-31`),
    )
  })
  test('a leap day comes every four years', () => {
    expect(days('0 0 29 2 *', '2026-01-01T00:00:00Z', 2)).toEqual(['2028-02-29', '2032-02-29'])
  })
  test('`L` is the last day of a month, `#2` the second such weekday', () => {
    expect(days('0 0 L * *', '2028-01-01T00:00:00Z', 2)).toEqual(['2028-01-31', '2028-02-29'])
    expect(days('0 0 * * MON#2', '2026-01-01T00:00:00Z', 2)).toEqual(['2026-01-12', '2026-02-09'])
  })
  test('of two days either will do', () => {
    expect(days('0 0 13 * FRI', '2026-01-08T00:00:00Z', 3)).toEqual(['2026-01-09', '2026-01-13', '2026-01-16'])
  })
})

describe('intervals and single times', () => {
  test('times are multiples of the interval, strictly after the moment', () => {
    expect(take(timesOf(minutely, 64_999), 2)).toEqual([65_000, 125_000])
    expect(take(timesOf(minutely, 65_000), 2)).toEqual([125_000, 185_000])
  })
  test('what comes once comes once', () => {
    const once = { type: 'once', run_at: '2026-05-01T00:00:00.000Z' } as const
    const at = Date.parse(once.run_at)
    expect([...timesOf(once, at - 1)]).toEqual([at])
    expect([...timesOf(once, at)]).toEqual([])
  })
})

const onOrder = (filter: DataFilter) =>
  ({ type: 'event', event: 'order.*', filter, key: null, debounce_ms: null, throttle_ms: 60_000 }) as const

test.each([
  [cron('*/5 9-17 * * MON-FRI', 'Europe/Berlin'), /^every 5 minutes, between 09:00 and 17:59, Monday through Friday \(Europe\/Berlin\)$/], // prettier-ignore
  [cron('@daily'), /^at 00:00 \(UTC\)$/],
  [cron(' 30\t9 * *  07 '), /^at 09:30, only on Sunday \(UTC\)$/],
  [cron('*/60 * * * *'), /^every 60 minutes \(UTC\)$/],
  [cron('? 9 * * *'), /^at the times of \? 9 \* \* \* \(UTC\)$/],
  [minutely, /^every minute, 5 seconds after the full one$/],
  [{ type: 'interval', every_ms: 5_400_000, offset_ms: 0 } as const, /^every 1 hour 30 minutes$/],
  [onOrder([{ path: 'amount', op: 'gt', value: 3 }, { path: 'shop', op: 'in', value: ['a', 'b', 'c', 'd'] }]), /^on order\.\*, where amount > 3 and shop is one of "a", "b", "c" and 1 more, at most once in 1 minute$/], // prettier-ignore
  [
    onOrder([{ path: 'name', op: 'prefix', value: 'x'.repeat(90) }]),
    /^on order\.\*, where name starts with "x{39}…, at/,
  ],
  [{ type: 'once', run_at: '2026-05-01T00:00:00.000Z' } as const, /^once, on 1 May 2026 at 00:00 \(UTC\)$/],
])('%j is told in words', (trigger, words) => {
  expect(describeTrigger(trigger)).toMatch(words)
})

test.each([
  ['* * *', '3 fields'],
  ['', 'Too small'],
  ['61 * * * *', '0-59'],
  ['0 0 30 2 *', 'day of month'],
  ['0 0 31 2,4 *', 'none of its months has 31 days'],
  ['@reboot', 'unknown nickname'],
  ['H 3 * * *', 'names no time'],
  ['0 0 * * 5#6', '#'],
  ['0 0 * TUE *', 'no month is called TUE'],
  ['0 0 * * jan-mar', 'no day of the week is called jan'],
  ['0 0 ? ? MON', '`?` is for the two day fields'],
  ['0 0 11L * *', '`L` stands alone'],
  ['*/90 * * * *', 'cannot step by 90'],
  ['0 0/25 * * *', 'cannot step by 25'],
])('%j is refused: %s', (expression, why) => {
  const { errors } = checkTrigger({ type: 'cron', expression }, ['trigger'])
  expect(errors).toMatchObject([{ pointer: '#/trigger/expression', detail: expect.stringContaining(why) as unknown }])
})
