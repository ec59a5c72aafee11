// Cron expressions, as BullMQ's job schedulers carry them out: the same parser, told what it would pass over in silence.
import { CronExpressionParser } from 'cron-parser'

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
    CronExpressionParser.parse(expression, { tz: 'UTC' })
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** The times of an expression strictly after one, ascending. Ends where the calendar does, or at once for one with a mistake. */
export function* cronTimes(expression: string, timezone: string, after: number): Generator<number, void> {
  const times = CronExpressionParser.parse(expression, { tz: timezone, currentDate: new Date(after) })
  while (times.hasNext()) yield times.next().getTime()
}
