// A trigger in words.
import cronstrue from 'cronstrue'
import { DateTime } from 'luxon'
import type { DataFilter } from '../kernel/data-filter.ts'
import { rruleInWords } from './rrule.ts'
import type { EventTrigger, Trigger } from './words.ts'

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
  ['millisecond', 1],
] as const

/** `1 hour 30 minutes`; exact, as a schedule is. */
const exactly = (ms: number): string => {
  const parts: string[] = []
  let left = ms
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size)
    left -= count * size
    if (count > 0) parts.push(`${count} ${unit}${count === 1 ? '' : 's'}`)
  }
  return parts.join(' ')
}

const every = (ms: number): string => `every ${exactly(ms).replace(/^1 (\w+)$/, '$1')}`

const NICKNAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@hourly': '0 * * * *',
  '@minutely': '* * * * *',
  '@secondly': '* * * * * *',
}

/** A sentence without a full stop, such as `at 02:30, only on Monday (Europe/Berlin)`. The trigger has no mistake. */
export const describeTrigger = (trigger: Trigger): string => {
  switch (trigger.type) {
    case 'cron':
      return `${cronInWords(trigger.expression.trim())} (${trigger.timezone})`
    case 'interval':
      return trigger.offset_ms === 0
        ? every(trigger.every_ms)
        : `${every(trigger.every_ms)}, ${exactly(trigger.offset_ms)} after the full one`
    case 'rrule':
      return rruleInWords(trigger)
    case 'once':
      return `once, on ${momentInWords(trigger.run_at)}`
    case 'event':
      return describeEvent(trigger)
    default:
      trigger satisfies never
      throw new Error('unreachable')
  }
}

/** `27 November 2026 at 14:00 (UTC)`; the parts of a second where there are any. */
const momentInWords = (at: string): string => {
  const moment = DateTime.fromISO(at, { zone: 'utc', locale: 'en' })
  const seconds = moment.millisecond > 0 ? ':ss.SSS' : moment.second > 0 ? ':ss' : ''
  return `${moment.toFormat(`d MMMM yyyy 'at' HH:mm${seconds}`)} (UTC)`
}

/** One that the library knows no words for is told as it stands: a list must not fail for one of its schedules. */
const cronInWords = (expression: string): string => {
  const plain = (NICKNAMES[expression] ?? expression).replaceAll(/\s+/g, ' ').replaceAll(/\b0+(?=\d)/g, '')
  try {
    const words = cronstrue.toString(plain, { use24HourTimeFormat: true })
    return `${words.charAt(0).toLowerCase()}${words.slice(1)}`
  } catch {
    return `at the times of ${expression}`
  }
}

const SIGNS = { eq: '=', ne: '≠', gt: '>', lt: '<', prefix: 'starts with' } as const
const VALUE_LENGTH = 40
const VALUES = 3

const valueWords = (value: unknown): string => {
  const text = JSON.stringify(value)
  return text.length > VALUE_LENGTH ? `${text.slice(0, VALUE_LENGTH)}…` : text
}

const conditionWords = (condition: DataFilter[number]): string => {
  if (condition.op !== 'in') return `${condition.path} ${SIGNS[condition.op]} ${valueWords(condition.value)}`
  const more = condition.value.length - VALUES
  const values = condition.value.slice(0, VALUES).map(valueWords).join(', ')
  return `${condition.path} is one of ${values}${more > 0 ? ` and ${more} more` : ''}`
}

const describeEvent = ({ event, filter, key, debounce_ms, throttle_ms }: EventTrigger): string =>
  [
    event === '*' ? 'on every event' : `on ${event}`,
    ...(filter.length > 0 ? [`where ${filter.map(conditionWords).join(' and ')}`] : []),
    ...(debounce_ms === null ? [] : [`once it was quiet for ${exactly(debounce_ms)}`]),
    ...(throttle_ms === null ? [] : [`at most once in ${exactly(throttle_ms)}`]),
    ...(key === null || (debounce_ms ?? throttle_ms) === null ? [] : [`for each ${key}`]),
  ].join(', ')
