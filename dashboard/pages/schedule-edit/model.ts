// What the form of a schedule explains, which field a mistake belongs to, and what of a schedule an edit changes.
import type { Schedule } from '../../../shared/schedules/contract.ts'
import { changedIn, type Draft } from '../../data/draft.ts'
import { definitionOf, draftOf, type Reading, type TriggerType } from './fields.ts'

export interface Choice<Value extends string = string> {
  value: Value
  label: string
  /** What it comes to, in a sentence. */
  means: string
}

export const triggers: readonly Choice<TriggerType>[] = [
  { value: 'cron', label: 'Cron', means: 'At times by the wall clock of a place.' },
  { value: 'interval', label: 'Interval', means: 'A fixed span apart, counted from 1970, whatever restarts.' },
  { value: 'once', label: 'Once', means: 'At one moment.' },
  { value: 'rrule', label: 'Calendar rule', means: 'By a rule as calendars have them (RFC 5545).' },
  { value: 'event', label: 'Event', means: 'Whenever something happened.' },
]

export const overlaps: readonly Choice<Schedule['overlap']>[] = [
  { value: 'allow', label: 'Start beside it', means: 'Jobs of several times may run at once.' },
  { value: 'skip', label: 'Skip', means: 'Nothing starts at that time; the history says so.' },
  { value: 'queue_one', label: 'Wait', means: 'One starts as soon as the other has ended; more than one are skipped.' },
  { value: 'cancel_running', label: 'Cancel it', means: 'The one that runs is told to end, then the new one starts.' },
]

export const misfires: readonly Choice<Schedule['misfire']>[] = [
  { value: 'run_once', label: 'Run once', means: 'The newest of the times that were missed is made up for.' },
  { value: 'skip', label: 'Skip', means: 'None is made up for; the history says which.' },
  { value: 'run_all', label: 'Run all', means: 'All are made up for, the newest up to a limit.' },
]

export const gathers: readonly Choice[] = [
  { value: 'each', label: 'A job for each', means: 'Every event starts a job.' },
  { value: 'debounce', label: 'When it is quiet', means: 'One job for all of them once none has come for a while; it gets the last.' }, // prettier-ignore
  { value: 'throttle', label: 'At most one in a while', means: 'The first starts a job, others that come soon after start none.' }, // prettier-ignore
]

export const priorities = [
  { value: '', label: "The kind's own" },
  { value: 'critical', label: 'critical' },
  { value: 'high', label: 'high' },
  { value: 'normal', label: 'normal' },
  { value: 'low', label: 'low' },
] as const

const labels: Readonly<Record<string, string>> = {
  id: 'id',
  name: 'name',
  job_name: 'job',
  queue: 'queue',
  data: 'payload',
  type: 'kind of trigger',
  expression: 'expression',
  timezone: 'time zone',
  every: 'interval',
  offset: 'offset',
  run_at: 'moment',
  rule: 'rule',
  dtstart: 'beginning of the rule',
  event: 'event',
  filter: 'conditions',
  key: 'key',
  gather: 'many at once',
  quiet: 'quiet time',
  start_at: 'start',
  end_at: 'end',
  max_runs: 'runs at most',
  jitter: 'jitter',
  spread: 'spread',
  overlap: 'overlap',
  misfire: 'missed times',
  grace: 'grace',
  catchup_limit: 'made up for at most',
  priority: 'priority',
  attempts: 'attempts',
  timeout: 'time-out',
  tags: 'tags',
}

/** Names of fields for a sentence. */
export const fieldNames = (fields: readonly string[]): string =>
  fields.map((field) => labels[field] ?? field).join(', ')

/** Members whose field has another name. */
const fieldOfMember: Readonly<Record<string, string>> = {
  every_ms: 'every',
  offset_ms: 'offset',
  debounce_ms: 'quiet',
  throttle_ms: 'quiet',
  jitter_ms: 'jitter',
  spread_ms: 'spread',
  grace_ms: 'grace',
  timeout_ms: 'timeout',
}

export interface Mistake {
  pointer?: string | undefined
  detail: string
}

/** The field that a mistake belongs to, by where it lies in the body; undefined when it is about none. */
export const fieldOf = (pointer: string | undefined): string | undefined => {
  const members = (pointer ?? '').replace(/^#?\//, '').split('/')
  const inner = members[0] === 'trigger' || members[0] === 'job_options' ? (members[1] ?? '') : (members[0] ?? '')
  const field = fieldOfMember[inner] ?? inner
  return Object.hasOwn(labels, field) ? field : undefined
}

const sentence = (text: string): string => {
  const whole = `${text.charAt(0).toUpperCase()}${text.slice(1)}`
  return /[.!?]$/.test(whole) ? whole : `${whole}.`
}

export interface Placed {
  /** What is wrong by field. */
  fields: Record<string, string>
  /** What belongs to no field. */
  rest: string[]
}

/** What the API found wrong, each where it can be mended. */
export const place = (mistakes: readonly Mistake[]): Placed => {
  const placed: Placed = { fields: {}, rest: [] }
  for (const { pointer, detail } of mistakes) {
    const field = fieldOf(pointer)
    if (field === undefined) placed.rest.push(sentence(detail))
    else placed.fields[field] ??= sentence(detail)
  }
  return placed
}

/** What of a schedule an edit changes, member by member; members nobody touched stay as they are, whatever they are now. */
export const patchOf = (draft: Draft, schedule: Schedule): Reading => {
  const now = definitionOf(draft, schedule.job_options)
  const before = definitionOf(draftOf(schedule), schedule.job_options)
  const changed = Object.entries(now.definition).filter(
    ([member, value]) => JSON.stringify(value) !== JSON.stringify(before.definition[member]),
  )
  return { definition: Object.fromEntries(changed), errors: relevant(now.errors, draft, draftOf(schedule)) }
}

/** A field that was never touched is not what is wrong with an edit. */
const relevant = (errors: Reading['errors'], draft: Draft, base: Draft): Reading['errors'] => {
  const changed = new Set(changedIn(draft, base))
  const kind = changed.has('type')
  return Object.fromEntries(Object.entries(errors).filter(([field]) => kind || changed.has(field)))
}

/** An id that a name suggests: `Nightly billing` → `nightly-billing`. */
export const idFrom = (name: string): string =>
  name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .slice(0, 64)
    .replaceAll(/^[-.]+|[-.]+$/g, '')
