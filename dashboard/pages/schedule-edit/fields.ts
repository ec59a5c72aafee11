// The form of a schedule as plain text by field, and the definition it stands for.
import type { Schedule } from '../../../shared/schedules/contract.ts'
import type { ScheduleDefinition } from '../../../shared/schedules/definition.ts'
import { numberText, readNumber, type Draft, type ReadNumber } from '../../data/draft.ts'
import { readSpan, spanText, type SpanRules } from '../../data/span.ts'
import { momentOf, wallOf } from '../../ui/wall.ts'
import { zone } from '../../ui/zone.ts'
import { filterText, readFilter } from './conditions.ts'

type Trigger = ScheduleDefinition['trigger']
export type TriggerType = Trigger['type']
type Errors = Record<string, string>

const DAY = 86_400_000
const span = (min: number, max: number, optional = false): SpanRules => ({ min, max, optional })
export const spans = {
  every: span(1_000, 366 * DAY),
  offset: span(0, 366 * DAY, true),
  quiet: span(1_000, DAY),
  jitter: span(0, 3_600_000, true),
  spread: span(0, DAY, true),
  grace: span(1_000, DAY),
  timeout: span(1, DAY, true),
} as const
const numbers = {
  max_runs: { min: 1, max: 1_000_000_000, whole: true, optional: true },
  catchup_limit: { min: 1, max: 1_000, whole: true },
  attempts: { min: 1, max: 50, whole: true, optional: true },
} as const

/** What the fields of a trigger hold before somebody chose its kind. */
const unchosen = (): Draft => ({
  type: 'cron',
  expression: '0 9 * * MON-FRI',
  timezone: zone.name,
  every: '15 min',
  offset: '',
  run_at: '',
  rule: 'FREQ=MONTHLY;BYDAY=-1FR',
  dtstart: '',
  event: '',
  filter: '',
  key: '',
  gather: 'each',
  quiet: '1 min',
})

const instantText = (iso: string | null): string => (iso === null ? '' : wallOf(Date.parse(iso)))

/** The fields of a trigger of one kind. */
const triggerFields = (trigger: Trigger): Draft => {
  switch (trigger.type) {
    case 'cron':
      return { expression: trigger.expression, timezone: trigger.timezone }
    case 'interval':
      return { every: spanText(trigger.every_ms), offset: trigger.offset_ms === 0 ? '' : spanText(trigger.offset_ms) }
    case 'once':
      return { run_at: instantText(trigger.run_at) }
    case 'rrule':
      return { rule: trigger.rule, dtstart: trigger.dtstart.slice(0, 19), timezone: trigger.timezone }
    case 'event':
      return {
        event: trigger.event,
        filter: filterText(trigger.filter),
        key: trigger.key ?? '',
        gather: trigger.debounce_ms !== null ? 'debounce' : trigger.throttle_ms !== null ? 'throttle' : 'each',
        quiet: spanText(trigger.debounce_ms ?? trigger.throttle_ms ?? 60_000),
      }
    default:
      trigger satisfies never
      throw new Error('unreachable')
  }
}

export const emptyDraft = (): Draft => ({
  id: '',
  name: '',
  job_name: '',
  queue: '',
  data: '{}',
  ...unchosen(),
  start_at: '',
  end_at: '',
  max_runs: '',
  jitter: '',
  spread: '',
  overlap: 'allow',
  misfire: 'run_once',
  grace: '1 min',
  catchup_limit: '100',
  priority: '',
  attempts: '',
  timeout: '',
  tags: '',
})

/** The form of a schedule as it is. */
export const draftOf = (schedule: Schedule): Draft => ({
  ...emptyDraft(),
  id: schedule.id,
  name: schedule.name,
  job_name: schedule.job_name,
  queue: schedule.queue,
  data: schedule.data === undefined ? '' : JSON.stringify(schedule.data, null, 2),
  type: schedule.trigger.type,
  ...triggerFields(schedule.trigger),
  start_at: instantText(schedule.start_at),
  end_at: instantText(schedule.end_at),
  max_runs: numberText(schedule.max_runs),
  jitter: schedule.jitter_ms === 0 ? '' : spanText(schedule.jitter_ms),
  spread: schedule.spread_ms === 0 ? '' : spanText(schedule.spread_ms),
  overlap: schedule.overlap,
  misfire: schedule.misfire,
  grace: spanText(schedule.grace_ms),
  catchup_limit: numberText(schedule.catchup_limit),
  priority: String(schedule.job_options.priority ?? ''),
  attempts: numberText(schedule.job_options.attempts ?? null),
  timeout: spanText(schedule.job_options.timeout_ms ?? null),
  tags: schedule.tags.join(', '),
})

/** Notes what is wrong with a field, and answers what it holds when nothing is. */
const noting =
  (errors: Errors) =>
  (field: string, read: ReadNumber): number | null => {
    if ('value' in read) return read.value
    errors[field] = read.error
    return null
  }

export interface ReadTrigger {
  /** As the API takes it. What is wrong in a way that only the API knows is asked of it. */
  trigger: Record<string, unknown> & { type: TriggerType }
  errors: Errors
}

/** The trigger that the fields of its kind describe. */
export const triggerOf = (draft: Draft): ReadTrigger => {
  const errors: Errors = {}
  const note = noting(errors)
  const text = (field: string): string => (draft[field] ?? '').trim()
  const length = (field: keyof typeof spans): number | null => note(field, readSpan(text(field), spans[field]))
  const kind = typeOf(draft)
  switch (kind) {
    case 'cron':
      return { trigger: { type: kind, expression: text('expression'), timezone: text('timezone') }, errors }
    case 'interval':
      return { trigger: { type: kind, every_ms: length('every'), offset_ms: length('offset') ?? 0 }, errors }
    case 'once':
      return { trigger: { type: kind, run_at: moment(draft, 'run_at', errors, true) }, errors }
    case 'rrule':
      if (text('dtstart') === '') errors['dtstart'] = 'Say when it begins: the rule is counted from there.'
      return { trigger: { type: kind, rule: text('rule'), dtstart: text('dtstart'), timezone: text('timezone') }, errors } // prettier-ignore
    case 'event': {
      const read = readFilter(draft['filter'] ?? '')
      if ('error' in read) errors['filter'] = read.error
      if (text('event') === '') errors['event'] = 'Name an event, or its beginning and .*'
      const quiet = text('gather') === 'each' ? null : length('quiet')
      const gathered = text('gather') === 'debounce' ? { debounce_ms: quiet } : { throttle_ms: quiet }
      return {
        trigger: {
          type: kind,
          event: text('event'),
          filter: 'filter' in read ? read.filter : [],
          key: text('key') === '' ? null : text('key'),
          ...(quiet !== null && gathered),
        },
        errors,
      }
    }
    default:
      kind satisfies never
      throw new Error('unreachable')
  }
}

const TYPES: readonly TriggerType[] = ['cron', 'interval', 'once', 'rrule', 'event']
const typeOf = (draft: Draft): TriggerType => TYPES.find((type) => type === draft['type']) ?? 'cron'

const moment = (draft: Draft, field: string, errors: Errors, needed = false): string | null => {
  const typed = draft[field] ?? ''
  const at = momentOf(typed)
  if (at !== undefined) return new Date(at).toISOString()
  if (needed || typed !== '') errors[field] = 'Give a date and a time of day.'
  return null
}

const objectIn = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined // prettier-ignore
  } catch {
    return undefined
  }
}

const data = (draft: Draft, errors: Errors): Record<string, unknown> => {
  const text = (draft['data'] ?? '').trim()
  const read = text === '' ? {} : objectIn(text)
  if (!read) errors['data'] = 'Must be a JSON object, such as {"to": "ada@example.org"}.'
  return read ?? {}
}

const priorityOf = (text: string): number | string => (/^\d+$/.test(text) ? Number(text) : text)

export interface Reading {
  /** As the API takes it; members of it are sent. */
  definition: Record<string, unknown>
  errors: Errors
}

/** What has no meaning where events set a schedule off; the form has no fields for it then. */
const NO_TIMES = { jitter_ms: 0, spread_ms: 0, misfire: 'run_once', grace_ms: 60_000, catchup_limit: 100 }

/** Then jobs run beside one another: the form asks nothing about that. */
export const gathersUntilQuiet = (draft: Draft): boolean =>
  typeOf(draft) === 'event' && (draft['gather'] ?? '').trim() === 'debounce'

/** What a form says. `options` are those of the job that the form has no field for. */
export const definitionOf = (draft: Draft, options: Schedule['job_options'] = {}): Reading => {
  const { trigger, errors } = triggerOf(draft)
  const note = noting(errors)
  const text = (field: string): string => (draft[field] ?? '').trim()
  const length = (field: keyof typeof spans): number | null => note(field, readSpan(text(field), spans[field]))
  const number = (field: keyof typeof numbers): number | null => note(field, readNumber(text(field), numbers[field]))
  for (const [field, what] of [
    ['name', 'a name'],
    ['job_name', 'the job that it starts'],
  ] as const)
    // prettier-ignore
    if (text(field) === '') errors[field] = `Give it ${what}.`
  const { priority: _priority, attempts: _attempts, timeout_ms: _timeout, ...rest } = options
  const [attempts, timeout] = [number('attempts'), length('timeout')]
  return {
    definition: {
      name: text('name'),
      job_name: text('job_name'),
      ...(text('queue') !== '' && { queue: text('queue') }),
      data: data(draft, errors),
      trigger,
      start_at: moment(draft, 'start_at', errors),
      end_at: moment(draft, 'end_at', errors),
      max_runs: number('max_runs'),
      overlap: gathersUntilQuiet(draft) ? 'allow' : text('overlap'),
      ...(typeOf(draft) === 'event'
        ? NO_TIMES
        : {
            jitter_ms: length('jitter') ?? 0,
            spread_ms: length('spread') ?? 0,
            misfire: text('misfire'),
            grace_ms: length('grace'),
            catchup_limit: number('catchup_limit'),
          }),
      job_options: {
        ...rest,
        ...(text('priority') !== '' && { priority: priorityOf(text('priority')) }),
        ...(attempts !== null && { attempts }),
        ...(timeout !== null && { timeout_ms: timeout }),
      },
      tags: text('tags').split(',').map((tag) => tag.trim()).filter((tag) => tag !== ''), // prettier-ignore
    },
    errors,
  }
}

/** What decides the times of a schedule, for the API to tell them. Limits that cannot be read are left out. */
export const timesAsked = (draft: Draft, id: string): Record<string, unknown> => {
  const errors: Errors = {}
  const { trigger } = triggerOf(draft)
  const note = noting(errors)
  const limits = {
    start_at: moment(draft, 'start_at', errors),
    end_at: moment(draft, 'end_at', errors),
    jitter_ms: note('jitter', readSpan(draft['jitter'] ?? '', spans.jitter)) ?? 0,
    spread_ms: note('spread', readSpan(draft['spread'] ?? '', spans.spread)) ?? 0,
  }
  return { trigger, ...(Object.keys(errors).length === 0 && limits), ...(isId(id) && { id }) }
}

const isId = (text: string): boolean => /^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$/.test(text)
