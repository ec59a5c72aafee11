// The departure board: what starts in the next day, what will meet, and how much there is to do when.
import type { Upcoming } from '../../../shared/schedules/runs-contract.ts'
import { clockTime, count, countOf, duration } from '../../ui/format.ts'

type Slot = Upcoming['data'][number]
type About = Upcoming['schedules'][number]

/** A time of the next day with what there is to know of its schedule. */
export interface Departure extends Slot {
  about: About | undefined
}

/** By when they start, which is what the board shows: spread and jitter move that past the time that is due. */
export const departuresOf = ({ data, schedules }: Upcoming): Departure[] => {
  const known = new Map(schedules.map((about) => [about.id, about]))
  return data
    .map((slot) => ({ ...slot, about: known.get(slot.schedule_id) }))
    .sort((one, other) => Date.parse(one.planned_at) - Date.parse(other.planned_at))
}

/** What was due so long ago and is still on the board is late: it would have been told, and the board be newer. */
const LATE_MS = 10_000

export type BoardState = 'on_time' | 'overlap' | 'late'

const isGoing = ({ status }: About['recent'][number]): boolean => status === 'running' || status === 'triggered'

export const boardState = ({ planned_at, about }: Departure, now: number): BoardState => {
  if (now - Date.parse(planned_at) > LATE_MS) return 'late'
  return about !== undefined && isBusy(about) ? 'overlap' : 'on_time'
}

/** A job that goes on for long may lie behind all the times that were passed over because of it. */
const isBusy = ({ recent }: About): boolean => recent.some(isGoing) || recent.at(-1)?.skipped === 'overlap'

/** Beside the state: what it comes to. */
export const boardWords = (row: Departure, now: number): string => {
  switch (boardState(row, now)) {
    case 'late':
      return `by ${duration(Math.floor((now - Date.parse(row.planned_at)) / 1_000) * 1_000)}`
    case 'overlap':
      return 'its last job has not ended'
    case 'on_time':
      return ''
  }
}

/** The API counts no further. */
const COUNTED = 1_000

/** Further times of a schedule that have no row of their own. */
export const moreWords = ({ more }: Slot): string => {
  if (!more) return ''
  return `and ${more >= COUNTED ? 'at least ' : ''}${countOf(more, 'further time')}`
}

export interface Meeting {
  at: number
  schedules: { id: string; name: string }[]
  /** The queue most of them go to, and how many do. */
  queue: string
  there: number
}

const MINUTE_MS = 60_000
const AT_ONCE = 3
const TOLD = 3

/** Minutes in which many schedules start, the fullest first. */
export const meetingsIn = (runs: readonly Slot[]): Meeting[] =>
  [...Map.groupBy(runs, ({ planned_at }) => Math.floor(Date.parse(planned_at) / MINUTE_MS))]
    .map(([minute, all]): Meeting => {
      const each = [...new Map(all.map((slot) => [slot.schedule_id, slot])).values()]
      const byQueue = [...Map.groupBy(each, ({ queue }) => queue)].sort(([, a], [, b]) => b.length - a.length)
      const [queue, there] = byQueue[0] ?? ['', []]
      const schedules = each.map(({ schedule_id: id, name }) => ({ id, name }))
      return { at: minute * MINUTE_MS, schedules, queue, there: there.length }
    })
    .filter(({ schedules }) => schedules.length >= AT_ONCE)
    .sort((one, other) => other.schedules.length - one.schedules.length || one.at - other.at)
    .slice(0, TOLD)

/** Over how long schedules that meet are spread. */
export const spreads = [
  { value: '60000', label: '1 minute' },
  { value: '300000', label: '5 minutes' },
  { value: '900000', label: '15 minutes' },
  { value: '3600000', label: '1 hour' },
] as const
export type Spread = (typeof spreads)[number]['value']

/** What came of it: `left` are those that were not spread. */
export const spreadWords = (all: number, left: readonly string[]): string => {
  const done = `Spread ${countOf(all - left.length, 'schedule')}.`
  return left.length === 0 ? done : `${done} Left as they are, for they fire too often: ${left.join(', ')}.`
}

/** The minute of a meeting. */
export const minuteOf = ({ at }: Meeting, zone?: string): string => clockTime(at, zone).slice(0, 5)

const NAMED = 3

/** `12:00: 6 schedules at once, 4 of them on billing: a, b, c and 3 more.` */
export const meetingWords = (meeting: Meeting, zone?: string): string => {
  const { schedules, queue, there } = meeting
  const named = schedules
    .slice(0, NAMED)
    .map(({ name }) => name)
    .join(', ')
  const more = schedules.length > NAMED ? ` and ${count(schedules.length - NAMED)} more` : ''
  const where = there === schedules.length ? `all on ${queue}` : `${there} of them on ${queue}`
  return `${minuteOf(meeting, zone)}: ${count(schedules.length)} schedules at once, ${where}: ${named}${more}.`
}

/** The next day of all schedules in a sentence. */
export const loadWords = (load: Upcoming['load'], complete: boolean, zone?: string): string => {
  const all = load.reduce((sum, { jobs }) => sum + jobs, 0)
  if (all === 0) return 'Nothing starts in the next 24 hours.'
  const fullest = load.reduce((most, each) => (each.jobs > most.jobs ? each : most))
  const when = clockTime(Date.parse(fullest.at), zone).slice(0, 5)
  const many = `${complete ? '' : 'At least '}${countOf(all, 'job')}`
  return `${many} in the next 24 hours; the most in a quarter of an hour from ${when}: ${count(fullest.jobs)}.`
}
