// Nights on which clocks change, rare days, and clocks that jump: what was foretold, what the board shows, what ran and what the
// history tells are the same slots.
import type { Principal } from '../auth/contract.ts'
import { describe, expect, slotsOf, test as base } from '../../test/support/scheduling.ts'
import { testCatalog } from '../../test/support/rooms.ts'
import { carry } from './carry.ts'
import type { Carrying } from './carry.ts'
import { runsOf } from './read-runs.ts'
import { createSchedules } from './schedules.ts'
import type { Schedules } from './schedules.ts'
import { upcoming } from './upcoming.ts'
import type { TimeTrigger } from './words.ts'

const test = base.extend<{ schedules: Schedules }>({
  schedules: async ({ kernel, bull }, use) => use(createSchedules(kernel, { bull, catalog: testCatalog })),
})

const HOUR = 3_600_000
const cron = (expression: string, timezone: string): TimeTrigger => ({ type: 'cron', expression, timezone })
const rrule = (rule: string, dtstart: string, timezone: string): TimeTrigger => ({ type: 'rrule', rule, dtstart, timezone }) // prettier-ignore

const nights: [what: string, trigger: TimeTrigger, from: string, first: string[]][] = [
  [
    'a spring night in Berlin, by cron',
    cron('30 2 * * *', 'Europe/Berlin'),
    '2027-03-27T12:00:00Z',
    ['2027-03-28T03:30:00.000+02:00', '2027-03-29T02:30:00.000+02:00'],
  ],
  [
    'a spring night in Berlin, by a rule',
    rrule('FREQ=DAILY', '2027-01-01T02:30', 'Europe/Berlin'),
    '2027-03-26T12:00:00Z',
    ['2027-03-27T02:30:00.000+01:00', '2027-03-29T02:30:00.000+02:00'],
  ],
  [
    'an autumn night in Berlin, every half hour',
    cron('*/30 * * * *', 'Europe/Berlin'),
    '2027-10-31T00:15:00Z',
    ['02:30:00.000+02:00', '02:00:00.000+01:00', '02:30:00.000+01:00', '03:00:00.000+01:00'].map((at) => `2027-10-31T${at}`), // prettier-ignore
  ],
  [
    'a spring night in New York',
    cron('15 2 * * *', 'America/New_York'),
    '2027-03-13T12:00:00Z',
    ['2027-03-14T03:15:00.000-04:00', '2027-03-15T02:15:00.000-04:00'],
  ],
  [
    'an autumn night in New York',
    cron('30 1 * * *', 'America/New_York'),
    '2027-11-06T12:00:00Z',
    ['2027-11-07T01:30:00.000-04:00', '2027-11-08T01:30:00.000-05:00'],
  ],
  [
    'a spring night on Lord Howe, where clocks go forward by half an hour and a time in it is left out',
    cron('15,45 2 * * *', 'Australia/Lord_Howe'),
    '2027-10-02T00:00:00Z',
    ['2027-10-03T02:45:00.000+11:00', '2027-10-04T02:15:00.000+11:00'],
  ],
  [
    'an autumn night on Lord Howe',
    cron('45 1 * * *', 'Australia/Lord_Howe'),
    '2027-04-03T00:00:00Z',
    ['2027-04-04T01:45:00.000+11:00', '2027-04-05T01:45:00.000+10:30'],
  ],
  [
    'leap days',
    cron('0 0 29 2 *', 'UTC'),
    '2028-02-20T00:00:00Z',
    ['2028-02-29T00:00:00.000Z', '2032-02-29T00:00:00.000Z'],
  ],
  [
    'the 31st',
    cron('0 9 31 * *', 'Europe/Berlin'),
    '2027-01-30T00:00:00Z',
    ['2027-01-31T09:00:00.000+01:00', '2027-03-31T09:00:00.000+02:00', '2027-05-31T09:00:00.000+02:00'],
  ],
]

/** The next slot as the list of schedules and as the board of what is to come show it. */
const shownNext = async (room: Carrying, schedules: Schedules, me: Principal, slot: number): Promise<unknown[]> => {
  const near = new Date(Math.max(room.kernel.clock.now(), slot - HOUR)).toISOString()
  const board = await upcoming(room, me, { from: near, to: new Date(slot).toISOString(), limit: 10 })
  return [(await schedules.show(me, 'night')).next_run_at, board.data[0]?.at]
}

const historyOf = async (room: Carrying, me: Principal) => {
  const { data } = await runsOf(room, me, 'night', { limit: 50, cursor: undefined })
  return data.reverse()
}

describe('on', () => {
  test.for(nights)('%s', async ([, trigger, from, first], { room, schedules, put, clock, me, made }) => {
    await clock.advance(Date.parse(from) - clock.now())
    await put('night', { trigger, misfire: 'skip', grace_ms: 1_000 })
    await carry(room, 'night')
    const { times } = await schedules.preview(me, 'night', { count: 5 })
    expect(times.slice(0, first.length).map(({ local }) => local)).toEqual(first)
    expect(schedules.validate({ id: 'night', trigger, start_at: null, end_at: null, jitter_ms: 0, spread_ms: 0 }).next).toEqual(times) // prettier-ignore
    for (const { at } of times) {
      const slot = Date.parse(at)
      expect(await shownNext(room, schedules, me, slot)).toEqual([at, at])
      await clock.advance(slot - clock.now() - 1)
      expect(await carry(room, 'night')).toMatchObject({ made: 0 })
      await clock.advance(1)
      expect(await carry(room, 'night')).toMatchObject({ made: 1 })
    }
    expect(slotsOf(await made())).toEqual(times.map(({ at }) => Date.parse(at)))
    expect((await historyOf(room, me)).map(({ scheduled_for }) => scheduled_for)).toEqual(times.map(({ at }) => at))
  })
})

describe('when the clock of the servers jumps', () => {
  const trigger = cron('*/10 * * * *', 'Europe/Berlin')

  test.for([
    ['forward', [HOUR + 7_000]],
    ['back', [-HOUR]],
    ['there and back', [3 * HOUR, -2 * HOUR]],
  ] as const)(
    '%s, each slot that was foretold runs once or is told as passed over',
    async ([, jumps], { room, schedules, put, clock, me, made }) => {
      await put('night', { trigger, grace_ms: 5_000 })
      const { times } = await schedules.preview(me, 'night', { count: 30 })
      const until = Date.parse(times.at(-1)?.at ?? '')
      const jumpsAt = new Map(jumps.map((ms, n) => [8 + 5 * n, ms]))
      for (let step = 0; clock.now() <= until; step++) {
        await carry(room, 'night')
        await clock.advance((jumpsAt.get(step) ?? 0) + 300_000)
      }
      await carry(room, 'night')
      const told = (await historyOf(room, me)).flatMap(({ scheduled_for, until: end, skipped }) => {
        const [from, to] = [Date.parse(scheduled_for), Date.parse(end ?? scheduled_for)]
        return times.filter(({ at }) => from <= Date.parse(at) && Date.parse(at) <= to).map(({ at }) => ({ at, ran: skipped === null })) // prettier-ignore
      })
      expect(told.map(({ at }) => at).sort()).toEqual(times.map(({ at }) => at))
      const ran = told.filter((slot) => slot.ran).map(({ at }) => Date.parse(at))
      expect(slotsOf(await made()).filter((slot) => slot <= until)).toEqual(ran.sort((a, b) => a - b))
    },
  )
})
