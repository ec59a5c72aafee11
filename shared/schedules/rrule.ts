// Recurrence rules of RFC 5545: which are carried out, when they come, and how they are told. Whatever is asked of one, the
// work is bounded.
import { createRequire } from 'node:module'
import { DateTime } from 'luxon'
import type * as Rules from 'rrule-temporal'
import type { RRuleTemporal } from 'rrule-temporal'
import type * as Words from 'rrule-temporal/totext'
import type { RruleTrigger } from './words.ts'

/** Six megabytes, which only processes with such a rule pay. */
const load = createRequire(import.meta.url)
const rules = (): typeof Rules => load('rrule-temporal') as typeof Rules
const words = (): typeof Words => load('rrule-temporal/totext') as typeof Words

const list = (item: string): RegExp => new RegExp(`^${item}(,${item})*$`)

/** The library passes over in silence what is out of bounds or unknown to it. */
const PARTS: Readonly<Record<string, RegExp>> = {
  FREQ: /^(YEARLY|MONTHLY|WEEKLY|DAILY|HOURLY|MINUTELY)$/,
  INTERVAL: /^[1-9]\d{0,3}$/,
  COUNT: /^([1-9]\d{0,2}|1000)$/,
  UNTIL: /^\d{8}T\d{6}Z$/,
  BYMONTH: list('([1-9]|1[0-2])'),
  BYWEEKNO: list('[+-]?([1-9]|[1-4]\\d|5[0-3])'),
  BYYEARDAY: list('[+-]?([1-9]\\d?|[12]\\d\\d|3[0-5]\\d|36[0-6])'),
  BYMONTHDAY: list('[+-]?([1-9]|[12]\\d|3[01])'),
  BYDAY: list('([+-]?([1-9]|[1-4]\\d|5[0-3]))?(MO|TU|WE|TH|FR|SA|SU)'),
  BYHOUR: list('(\\d|1\\d|2[0-3])'),
  BYMINUTE: list('[1-5]?\\d'),
  BYSECOND: list('[1-5]?\\d'),
  BYSETPOS: list('[+-]?([1-9]\\d?|[12]\\d\\d|3[0-5]\\d|36[0-6])'),
  WKST: /^(MO|TU|WE|TH|FR|SA|SU)$/,
}

const TIMES_A_DAY_MAX = 288
/** Periods that are looked through for a next time. A leap day is found by its years, its months and its days; by its hours
 *  each one would take a second. */
const STEPS = { long: 2_000, short: 400 } as const
const CANDIDATES = 20_000

type Mistake = readonly [member: 'rule' | 'dtstart', code: string, detail: string]

/** What is wrong with a rule, in words; undefined when nothing is. The time zone is one. */
export const mistakeInRule = (trigger: RruleTrigger): [Mistake] | undefined => {
  const start = DateTime.fromISO(trigger.dtstart, { zone: trigger.timezone })
  if (!start.isValid) return [['dtstart', 'invalid-date', `there is no ${trigger.dtstart} in the calendar`]]
  if (start.year < 1970 || start.year > 2199) return [['dtstart', 'invalid-date', 'must be from 1970 to 2199']]
  if (!start.toISO({ includeOffset: false }).startsWith(trigger.dtstart))
    return [
      ['dtstart', 'invalid-date', `clocks in ${trigger.timezone} leave out ${trigger.dtstart}; begin at another time`],
    ]
  const mistake = mistakeInParts(trigger.rule) ?? mistakeInTimes(trigger)
  return mistake === undefined ? undefined : [['rule', 'invalid-rrule', mistake]]
}

const mistakeInParts = (rule: string): string | undefined => {
  const parts = rule.split(';').map((part) => part.split('=', 2))
  const names = parts.map(([name]) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) return `says ${twice} twice`
  for (const [name = '', value = ''] of parts) {
    if (name === 'FREQ' && value === 'SECONDLY') return 'cannot be of every second; use a trigger of the type interval'
    if (!Object.hasOwn(PARTS, name)) return `does not know ${name}; there are ${Object.keys(PARTS).join(', ')}`
    if (PARTS[name]?.test(value) !== true)
      return `cannot read ${name}=${value}${name === 'COUNT' ? '; at most 1000' : ''}`
  }
  const value = new Map(parts.map(([name = '', text = '']) => [name, text]))
  if (value.has('COUNT') && value.has('UNTIL')) return 'cannot have both COUNT and UNTIL'
  const timesADay = ['BYHOUR', 'BYMINUTE', 'BYSECOND'].reduce(
    (n, name) => n * (value.get(name)?.split(',').length ?? 1),
    1,
  )
  return timesADay > TIMES_A_DAY_MAX ? `names ${timesADay} times a day; at most ${TIMES_A_DAY_MAX}` : undefined
}

/** What only shows when it is carried out: parts that do not go together, or that no day fits. */
const mistakeInTimes = (trigger: RruleTrigger): string | undefined => {
  try {
    const start = DateTime.fromISO(trigger.dtstart, { zone: trigger.timezone }).toMillis()
    return read(trigger).next(new Date(start), true) === null ? 'never comes' : undefined
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    return /Maximum|exceeded/.test(text)
      ? 'takes too long to find a time of: it names days that do not come, or come so seldom that a greater FREQ should name them'
      : text
  }
}

const read = ({ rule, dtstart, timezone }: RruleTrigger): RRuleTemporal => {
  const start = DateTime.fromISO(dtstart, { zone: 'UTC' }).toFormat("yyyyLLdd'T'HHmmss")
  return new (rules().RRuleTemporal)({
    rruleString: `DTSTART;TZID=${timezone}:${start}\nRRULE:${rule}`,
    strict: true,
    maxIterations: /FREQ=(HOURLY|MINUTELY)/.test(rule) ? STEPS.short : STEPS.long,
    maxCandidateEvaluations: CANDIDATES,
  })
}

/** The times of a rule strictly after one, ascending; none of one with a mistake. What is counted is counted from its
 *  beginning, so all of it is found at once. */
export function* rruleTimes(trigger: RruleTrigger, after: number): Generator<number, void> {
  try {
    const rule = read(trigger)
    if (/COUNT=/.test(trigger.rule)) return yield* rule.all().map(({ epochMilliseconds }) => epochMilliseconds).filter((at) => at > after) // prettier-ignore
    for (let at = next(rule, after); at !== undefined; at = next(rule, at)) yield at
  } catch {
    // Rules that were accepted come to an end beyond the calendar only.
  }
}

const next = (rule: RRuleTemporal, after: number): number | undefined => rule.next(new Date(after))?.epochMilliseconds

/** A sentence without a full stop, such as `every month on the last Friday at 9 AM (Europe/Berlin)`. */
export const rruleInWords = (trigger: RruleTrigger): string => {
  const said = words().toText(read(trigger), 'en', { excludeTzAbbreviation: true })
  return `${said.replace(/\bon (?=last|\d+(st|nd|rd|th))/g, 'on the ')} (${trigger.timezone})`
}
