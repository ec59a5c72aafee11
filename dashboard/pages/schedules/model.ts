// Schedules in words: how one stands, when it fires next, and what a day of all of them comes to.
import type { Schedule } from '../../../shared/schedules/contract.ts'
import { absolute, age, clockTime, countOf, dayOf, instant } from '../../ui/format.ts'

export interface Wall {
  /** `Sun 29 Mar 2026`. */
  day: string
  /** `03:30`, with seconds where there are some. */
  clock: string
  /** How far it is from UTC, so that an hour that comes twice can be told apart. */
  offset: string
}

const DAY = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }) // prettier-ignore

/** Whether times that stand below each other are told with seconds: all of them, as soon as one is not at a full minute. */
export const needsSeconds = (times: readonly string[]): boolean => times.some((time) => !/T\d\d:\d\d:00/.test(time))

/** A time by the wall clock of a place, as the API tells it: what it says is shown, nothing is worked out. */
export const readWall = (local: string, withSeconds = needsSeconds([local])): Wall => {
  const [, date = '', minutes = '', seconds = '', rest = ''] =
    /^(\d+-\d\d-\d\d)T(\d\d:\d\d):(\d\d)(?:\.\d+)?(.*)$/.exec(local) ?? []
  const at = Date.parse(date)
  return {
    day: Number.isNaN(at) ? local : DAY.format(at).replace(',', ''),
    clock: withSeconds ? `${minutes}:${seconds}` : minutes,
    offset: rest === 'Z' || rest === '+00:00' ? 'UTC' : rest,
  }
}

const origins: Record<Schedule['origin'], string> = {
  code: 'Declared in code',
  api: 'Made here',
  adopted: 'Adopted from another service',
}
/** The same as a choice of a filter. */
export const originChoices = [
  { value: 'code', label: 'Code' },
  { value: 'api', label: 'Here' },
  { value: 'adopted', label: 'Another service' },
] as const
export const originWords = (origin: Schedule['origin']): string => origins[origin]

export type Standing = 'scheduled' | 'listening' | 'paused' | 'orphaned' | 'ended'

/** How a schedule stands, as one of the words that have a look. */
export const standingOf = ({ orphaned_at, paused, trigger, next_run_at }: Schedule): Standing => {
  if (orphaned_at !== null) return 'orphaned'
  if (paused !== null) return 'paused'
  if (trigger.type === 'event') return 'listening'
  return next_run_at === null ? 'ended' : 'scheduled'
}

const untilWords = (until: string | null, now: number, zone?: string): string => {
  const at = instant(until)
  return at === undefined ? 'until somebody resumes it' : `until ${absolute(at, now, zone)}`
}

/** How it stands, in a sentence or two. */
export const standingLine = (schedule: Schedule, now: number, zone?: string): string => {
  const fires = `It fires ${schedule.description}.`
  switch (standingOf(schedule)) {
    case 'orphaned':
      return `Code declares it no more, so it does not fire. It fired ${schedule.description}.`
    case 'paused': {
      const { by = 'somebody', reason = null, until = null } = schedule.paused ?? {}
      const why = reason === null ? '' : `: ${reason.replace(/[.\s]+$/, '')}`
      return `Paused by ${by}${why}. It does not fire ${untilWords(until, now, zone)}. ${fires}`
    }
    case 'listening':
      return fires
    case 'ended':
      return `It has ended: no time is left. It fired ${schedule.description}.`
    case 'scheduled':
      return `${fires} ${nextWords(schedule, now)}`
  }
}

const nextWords = ({ next_run_at }: Schedule, now: number): string => {
  const at = instant(next_run_at)
  if (at === undefined) return ''
  return at > now ? `The next time is ${age(at, now)}.` : 'The next time is now.'
}

/** What the page says above the list. */
export const summaryWords = (rows: readonly Schedule[], more: boolean): string => {
  const still = rows.filter((row) => standingOf(row) === 'paused').length
  const paused = still === 0 ? '' : `, ${still} of them paused`
  return `${countOf(rows.length, 'schedule')}${more ? ' so far' : ''}${paused}.`
}

/** When something departs: its clock time, without seconds where there are none, and the day unless that is today. */
export const departsAt = (
  iso: string,
  now: number,
  zone?: string,
  withSeconds = needsSeconds([iso]),
): { clock: string; day: string } => {
  const at = Date.parse(iso)
  const day = dayOf(at, zone)
  return { clock: clockTime(at, zone).slice(0, withSeconds ? 8 : 5), day: day === dayOf(now, zone) ? '' : day }
}

export interface ListFilter {
  q: string
  enabled: '' | 'true' | 'false'
  origin: '' | Schedule['origin']
  queue: string
  tag: string
}

type Param = (name: string) => string | undefined
const oneOf = <const Word extends string>(words: readonly Word[], given: string | undefined): Word | '' =>
  words.find((word) => word === given) ?? ''

/** The filter that a link holds; words that nobody knows are left out. */
export const filterIn = (param: Param): ListFilter => ({
  q: (param('q') ?? '').trim(),
  enabled: oneOf(['true', 'false'], param('enabled')),
  origin: oneOf(['code', 'api', 'adopted'], param('origin')),
  queue: param('queue') ?? '',
  tag: param('tag') ?? '',
})

export const isNarrowed = (filter: ListFilter): boolean => Object.values(filter).some((value) => value !== '')
