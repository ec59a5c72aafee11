// Cron expressions, as BullMQ's job schedulers carry them out: the same parser, told what it would pass over in silence.
import { CronExpressionParser } from 'cron-parser'
import type { CronExpression } from 'cron-parser'
import { changeNear } from './zone.ts'

/** Words for several fields at once. */
const NICKNAMES = new Set([
  '@yearly',
  '@annually',
  '@monthly',
  '@weekly',
  '@daily',
  '@hourly',
  '@minutely',
  '@secondly',
])

/** What is wrong with an expression, in words; undefined when nothing is. */
export const mistakeInCron = (expression: string): string | undefined => {
  const fields = expression.trim().split(/\s+/)
  if (fields[0]?.startsWith('@'))
    return NICKNAMES.has(expression.trim()) ? undefined : `unknown nickname; there are ${[...NICKNAMES].join(', ')}`
  if (fields.length !== 5 && fields.length !== 6)
    return `has ${fields.length} fields; five are needed, or six with seconds`
  // `H` is another time in every process that reads it.
  if (/(^|[\s,])H/i.test(expression)) return '`H` names no time; say one, or let the schedule jitter'
  try {
    const { fields: read } = CronExpressionParser.parse(expression, { tz: 'UTC' })
    return mistakeInWords(fields) ?? mistakeInSteps(fields) ?? mistakeInDays(read)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

/** The parser takes a Tuesday for February, `11L` for `L`, and `?` for `*` in any field. */
const mistakeInWords = (fields: readonly string[]): string | undefined => {
  const [day = '', month = '', weekday = ''] = fields.slice(-3)
  if ([...fields.slice(0, -3), month].some((field) => field.includes('?'))) return '`?` is for the two day fields'
  if (/\dL/i.test(day)) return '`L` stands alone: it is the last day of the month'
  const noMonth = wordNotIn(MONTHS, month)
  if (noMonth !== undefined) return `no month is called ${noMonth}`
  const noDay = wordNotIn(DAYS, weekday)
  return noDay === undefined ? undefined : `no day of the week is called ${noDay}`
}

const wordNotIn = (words: readonly string[], field: string): string | undefined =>
  (field.match(/[A-Z]{3}/gi) ?? []).find((word) => !words.includes(word.toUpperCase()))

/** Seconds, minutes, hours, days, months, days of the week: how many there are. */
const SIZES = [60, 60, 24, 31, 12, 7]

/** A step goes from the beginning of its field each time: one that is longer comes as often as the field begins. */
const mistakeInSteps = (fields: readonly string[]): string | undefined => {
  const sizes = SIZES.slice(-fields.length)
  const isTooLong = (text: string, field: number): boolean => Number(text) > (sizes[field] ?? 0)
  const tooLong = fields.flatMap((field, index) => (field.match(/(?<=\/)\d+/g) ?? []).filter((text) => isTooLong(text, index))) // prettier-ignore
  return tooLong.length === 0
    ? undefined
    : `cannot step by ${tooLong[0] ?? ''} in a field that has fewer; use a trigger of the type interval`
}

const DAYS_OF_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** The parser looks for a day that no month has for more than a second, and then gives up. */
const mistakeInDays = ({ dayOfMonth, month, dayOfWeek }: CronExpression['fields']): string | undefined => {
  const longest = Math.max(...month.values.map((number) => DAYS_OF_MONTHS[number - 1] ?? 0))
  const isOfNone = dayOfMonth.values.every((day) => typeof day === 'number' && day > longest)
  return isOfNone && dayOfWeek.isWildcard ? `never comes: none of its months has ${longest + 1} days` : undefined
}

/** The times of an expression strictly after one, ascending. Ends where the calendar does, or at once for one with a mistake. */
export function* cronTimes(expression: string, timezone: string, after: number): Generator<number, void> {
  const currentDate = new Date(beginning(expression, timezone, after))
  const times = CronExpressionParser.parse(expression, { tz: timezone, currentDate })
  while (times.hasNext()) {
    const at = times.next().getTime()
    if (at > after) yield at
  }
}

/** Where to begin. What the parser makes of a time that a night leaves out, or has twice, depends on where it comes from. So
 *  that a slot is the same whoever asks when, it always comes from the same moment before the change. Where whole hours
 *  come and go there is nothing to move of every hour, and from there to here there may be thousands of times. */
const beginning = (expression: string, timezone: string, after: number): number => {
  const change = changeNear(after, timezone)
  if (change === undefined || Math.abs(after - change.at) >= NEAR_MS) return after
  return isOfEveryHour(expression) && change.byMs % HOUR_MS === 0 ? after : change.at - 3 * HOUR_MS
}

const HOUR_MS = 3_600_000
const NEAR_MS = 2 * HOUR_MS

const isOfEveryHour = (expression: string): boolean => {
  const fields = expression.trim().split(/\s+/)
  return /^@(hour|minute|second)ly$/.test(fields[0] ?? '') || fields.at(-4) === '*'
}
