// Recurrence rules come when RFC 5545 says, are told in words, and take a bounded time whatever they say.
import { describe, expect, test } from 'vitest'
import { checkTrigger } from './check.ts'
import { describeTrigger } from './describe.ts'
import { take, timesOf } from './times.ts'
import type { TimeTrigger } from './words.ts'
import { onTheWall } from './zone.ts'

const rrule = (rule: string, dtstart: string, timezone = 'UTC'): TimeTrigger => ({
  type: 'rrule',
  rule,
  dtstart,
  timezone,
})
const wall = (trigger: TimeTrigger, after: string, count: number): string[] =>
  take(timesOf(trigger, Date.parse(after)), count).map((at) =>
    onTheWall(at, trigger.type === 'rrule' ? trigger.timezone : 'UTC').replace(':00.000', ' '),
  )

describe('a rule', () => {
  test('comes by the clocks of its place, on the last Friday of a month', () => {
    expect(
      wall(rrule('FREQ=MONTHLY;BYDAY=-1FR', '2026-01-01T09:00', 'Europe/Berlin'), '2026-02-01T00:00:00Z', 3),
    ).toEqual(['2026-02-27T09:00 +01:00', '2026-03-27T09:00 +01:00', '2026-04-24T09:00 +02:00'])
  })

  test('leaves out what the calendar does not have', () => {
    expect(wall(rrule('FREQ=MONTHLY', '2026-01-31T09:00'), '2026-01-01T00:00:00Z', 3)).toEqual(
      ['01', '03', '05'].map((month) => `2026-${month}-31T09:00 Z`),
    )
    expect(wall(rrule('FREQ=YEARLY', '2024-02-29T09:00'), '2026-01-01T00:00:00Z', 2)).toEqual([
      '2028-02-29T09:00 Z',
      '2032-02-29T09:00 Z',
    ])
  })

  test.each([
    ['Europe/Berlin', '2026-03-28T12:00:00Z', '02:30', ['2026-03-30T02:30 +02:00', '2026-03-31T02:30 +02:00']],
    ['Europe/Berlin', '2026-10-24T12:00:00Z', '02:30', ['2026-10-25T02:30 +02:00', '2026-10-26T02:30 +01:00']],
    ['America/New_York', '2026-03-07T12:00:00Z', '02:30', ['2026-03-09T02:30 -04:00', '2026-03-10T02:30 -04:00']],
    ['America/New_York', '2026-10-31T12:00:00Z', '01:30', ['2026-11-01T01:30 -04:00', '2026-11-02T01:30 -05:00']],
    ['Australia/Lord_Howe', '2026-10-03T01:00:00Z', '02:15', ['2026-10-05T02:15 +11:00', '2026-10-06T02:15 +11:00']],
    ['Australia/Lord_Howe', '2026-04-04T01:00:00Z', '01:45', ['2026-04-05T01:45 +11:00', '2026-04-06T01:45 +10:30']],
  ])(
    'in a night in %s does not come at a time that is left out, and once at one that comes twice',
    (zone, after, at, times) => {
      expect(wall(rrule('FREQ=DAILY', `2026-01-01T${at}`, zone), after, 2)).toEqual(times)
    },
  )

  test('ends after its count, and at its end', () => {
    const counted = rrule('FREQ=DAILY;COUNT=3', '2026-01-01T00:00')
    expect(wall(counted, '2020-01-01T00:00:00Z', 9)).toHaveLength(3)
    expect(wall(counted, '2026-01-02T00:00:00Z', 9)).toEqual(['2026-01-03T00:00 Z'])
    expect(
      wall(rrule('FREQ=DAILY;UNTIL=20260102T000000Z', '2026-01-01T00:00'), '2020-01-01T00:00:00Z', 9),
    ).toHaveLength(2)
  })

  test('is the same whatever was asked before', () => {
    const daily = rrule('FREQ=DAILY', '2026-01-01T09:00')
    const [first, second] = [wall(daily, '2026-05-01T00:00:00Z', 3), wall(daily, '2026-02-01T00:00:00Z', 3)]
    expect(wall(daily, '2026-06-01T00:00:00Z', 1)).toEqual(['2026-06-01T09:00 Z'])
    expect(wall(daily, '2026-05-01T00:00:00Z', 3)).toEqual(first)
    expect(wall(daily, '2026-02-01T00:00:00Z', 3)).toEqual(second)
  })
})

test.each([
  ['FREQ=MONTHLY;BYDAY=-1FR', /^every month on the last Friday at 9 AM \(UTC\)$/],
  ['FREQ=DAILY;INTERVAL=2', /^every 2 days at 9 AM \(UTC\)$/],
])('%s is told in words', (rule, words) => {
  expect(describeTrigger(rrule(rule, '2026-01-01T09:00'))).toMatch(words)
})

const hours = Array.from({ length: 24 }, (_, hour) => hour).join(',')
const minutes = Array.from({ length: 60 }, (_, minute) => minute).join(',')

test.each([
  ['FREQ=SECONDLY', '2026-01-01T00:00', '/rule', 'type interval'],
  ['FREQ=DAILY;BYHOUR=99', '2026-01-01T00:00', '/rule', 'BYHOUR=99'],
  ['FREQ=DAILY;MOON=1', '2026-01-01T00:00', '/rule', 'does not know MOON'],
  ['FREQ=DAILY;COUNT=5000', '2026-01-01T00:00', '/rule', 'at most 1000'],
  ['FREQ=DAILY;INTERVAL=2;INTERVAL=3', '2026-01-01T00:00', '/rule', 'INTERVAL twice'],
  ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', '2026-01-01T00:00', '/rule', 'days that do not come'],
  ['FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30', '2026-01-01T00:00', '/rule', 'days that do not come'],
  ['FREQ=MINUTELY;INTERVAL=1440;BYHOUR=5', '2026-01-01T00:00', '/rule', 'days that do not come'],
  [`FREQ=YEARLY;BYHOUR=${hours};BYMINUTE=${minutes};BYSETPOS=-1`, '2026-01-01T00:00', '/rule', '1440 times a day'],
  ['FREQ=DAILY', '2026-02-30T00:00', '/dtstart', 'calendar'],
  ['FREQ=HOURLY;BYMONTH=12', '9999-12-31T23:59', '/dtstart', 'from 1970 to 2199'],
  ['FREQ=DAILY', '1969-12-31T23:59', '/dtstart', 'from 1970 to 2199'],
])('%s is refused', (rule, dtstart, member, why) => {
  const { errors } = checkTrigger(rrule(rule, dtstart), ['trigger'])
  expect(errors).toMatchObject([{ pointer: `#/trigger${member}`, detail: expect.stringContaining(why) as unknown }])
})

test('a beginning that clocks leave out is refused', () => {
  const { errors } = checkTrigger(rrule('FREQ=DAILY', '2026-03-29T02:30', 'Europe/Berlin'), [])
  expect(errors).toMatchObject([{ pointer: '#/dtstart', detail: expect.stringContaining('leave out') as unknown }])
})
