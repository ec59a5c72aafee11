// Words of schedules: what sets one off.
import { z } from 'zod'
import { Instant, cleanText } from '../jobs/words.ts'
import { DataFilter, EventPattern } from '../kernel/data-filter.ts'

const DAY_MS = 86_400_000

/** Whether there is such a zone is checked where triggers are, not here: the dashboard reads these words too. */
export const TimeZone = z
  .string()
  .regex(/^[A-Za-z0-9_+\-/]{1,64}$/, 'must be a name of the IANA time zone database, such as Europe/Berlin')
  .meta({ id: 'TimeZone', examples: ['Europe/Berlin'] })

/** Times by the wall clock of a place. */
export const CronTrigger = z
  .strictObject({
    type: z.literal('cron'),
    expression: cleanText(1, 256).describe(
      'Five fields (minute, hour, day of month, month, day of week), six with seconds before them, or a nickname such as ' +
        '`@daily`. Names (`MON`, `JAN`), lists, ranges, steps, `L` (last) and `#` (`MON#2`, the second Monday) are understood. ' +
        'Where both days are given, either will do.',
    ),
    timezone: TimeZone.default('UTC'),
  })
  .meta({ id: 'CronTrigger' })

/** Times a fixed span apart. They are counted from 1970, so that they stay the same whatever restarts. */
export const IntervalTrigger = z
  .strictObject({
    type: z.literal('interval'),
    every_ms: z
      .int()
      .min(1_000)
      .max(366 * DAY_MS),
    offset_ms: z.int().min(0).default(0).describe('How much later than the multiples of `every_ms`.'),
  })
  .refine(({ every_ms, offset_ms }) => offset_ms < every_ms, {
    path: ['offset_ms'],
    message: 'must be less than `every_ms`',
  })
  .meta({ id: 'IntervalTrigger' })

/** Times as calendars exchange them (RFC 5545). */
export const RruleTrigger = z
  .strictObject({
    type: z.literal('rrule'),
    rule: z
      .string()
      .regex(/^FREQ=[A-Z0-9=;,+-]{1,500}$/, 'must be a recurrence rule, such as FREQ=MONTHLY;BYDAY=-1FR')
      .describe(
        'A recurrence rule of RFC 5545 without its name: `FREQ` from `YEARLY` to `MINUTELY`, `INTERVAL`, `COUNT` up to 1,000, ' +
          '`UNTIL`, and the parts that begin with `BY`. Times that a spring night leaves out do not come, as the RFC says.',
      ),
    dtstart: z
      .string()
      .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?$/, 'must be a local date and time, such as 2026-01-30T09:00')
      .describe('Where the rule begins, as a clock of the place shows it; what the rule leaves open comes from here.'),
    timezone: TimeZone.default('UTC'),
  })
  .meta({
    id: 'RruleTrigger',
    examples: [
      { type: 'rrule', rule: 'FREQ=MONTHLY;BYDAY=-1FR', dtstart: '2026-01-30T09:00', timezone: 'Europe/Berlin' },
    ],
  })
export type RruleTrigger = z.output<typeof RruleTrigger>

/** One time. */
export const OnceTrigger = z.strictObject({ type: z.literal('once'), run_at: Instant }).meta({ id: 'OnceTrigger' })

/** What can be told beforehand. */
export const TimeTrigger = z
  .discriminatedUnion('type', [CronTrigger, IntervalTrigger, OnceTrigger, RruleTrigger])
  .meta({ id: 'TimeTrigger' })
export type TimeTrigger = z.output<typeof TimeTrigger>

/** Whenever something happened: a fact of k1n, or an event that somebody sent. */
export const EventTrigger = z
  .strictObject({
    type: z.literal('event'),
    event: EventPattern,
    filter: DataFilter.default([]),
    key: z
      .string()
      .regex(/^[^\u0000-\u001f]{1,256}$/)
      .nullable()
      .default(null)
      .describe(
        'A path into the data. Events with one value there are told apart from those with others; null: all are alike.',
      ),
    debounce_ms: z
      .int()
      .min(1_000)
      .max(DAY_MS)
      .nullable()
      .default(null)
      .describe('One job for all events of a key that come before it was quiet for so long; it is given the last.'),
    throttle_ms: z
      .int()
      .min(1_000)
      .max(DAY_MS)
      .nullable()
      .default(null)
      .describe('At most one job for a key in so long; it is given the first.'),
  })
  .refine(({ debounce_ms, throttle_ms }) => debounce_ms === null || throttle_ms === null, {
    path: ['throttle_ms'],
    message: 'cannot be given together with `debounce_ms`',
  })
  .meta({ id: 'EventTrigger' })
  .describe(
    'It hears of what whoever lets it wait may read: events from outside with `events:read`, facts of a queue with that queue. ' +
      'Such a schedule is changed by those only who may read all it hears of.',
  )
export type EventTrigger = z.output<typeof EventTrigger>

export const Trigger = z
  .discriminatedUnion('type', [CronTrigger, IntervalTrigger, OnceTrigger, RruleTrigger, EventTrigger])
  .meta({ id: 'Trigger' })
export type Trigger = z.output<typeof Trigger>
