// Whether a trigger can be carried out: what its schema cannot tell, and in which member it lies.
import { IANAZone } from 'luxon'
import { fieldErrors, pointer } from '../kernel/mistakes.ts'
import type { FieldError } from '../kernel/problem.ts'
import { mistakeInCron } from './cron.ts'
import { ScheduleDefinition } from './definition.ts'
import { mistakeInRule } from './rrule.ts'
import { Trigger } from './words.ts'

export type Checked =
  | { readonly trigger: Trigger; readonly errors: readonly [] }
  | { readonly trigger?: never; readonly errors: readonly FieldError[] }

/** The trigger that a value is, or all that is wrong with it; `at` is where it lies in the body. */
export const checkTrigger = (value: unknown, at: readonly string[]): Checked => {
  const parsed = Trigger.safeParse(value)
  if (!parsed.success) return { errors: fieldErrors(parsed.error, at) }
  const errors = mistakesInTrigger(parsed.data, at)
  return errors.length > 0 ? { errors } : { trigger: parsed.data, errors: [] }
}

/** What the schema of a trigger cannot tell. */
export const mistakesInTrigger = (trigger: Trigger, at: readonly string[]): FieldError[] =>
  mistakesIn(trigger).map(([member, code, detail]) => ({ pointer: pointer([...at, member]), code, detail }))

/** What says nothing where events set a schedule off, and would be kept without ever being done. */
export const mistakesOnEvents = (definition: ScheduleDefinition): FieldError[] => {
  const { trigger, overlap } = definition
  if (trigger.type !== 'event') return []
  const idle = ofTimes.filter((member) => definition[member] !== defaultOf(member))
  const errors = idle.map((member) => withoutEffect(member, `${defaultOf(member)}, as an event has no time of its own`))
  if (trigger.debounce_ms === null || overlap === 'allow') return errors
  return [...errors, withoutEffect('overlap', 'allow with `debounce_ms`: what was gathered starts when it is quiet')]
}

const ofTimes = ['jitter_ms', 'spread_ms', 'misfire', 'grace_ms', 'catchup_limit'] as const

const defaultOf = (member: (typeof ofTimes)[number]): string | number =>
  ScheduleDefinition.shape[member].parse(undefined)

const withoutEffect = (member: string, detail: string): FieldError => ({
  ...{ pointer: pointer([member]), code: 'without-effect', detail: `must be ${detail}` },
})

type Mistake = readonly [member: string, code: string, detail: string]

const mistakesIn = (trigger: Trigger): Mistake[] => {
  switch (trigger.type) {
    case 'cron':
      return [...inExpression(trigger.expression), ...inZone(trigger.timezone)]
    case 'rrule': {
      const zone = inZone(trigger.timezone)
      return zone.length > 0 ? zone : [...(mistakeInRule(trigger) ?? [])]
    }
    default:
      return []
  }
}

const inExpression = (expression: string): Mistake[] => {
  const mistake = mistakeInCron(expression)
  return mistake === undefined ? [] : [['expression', 'invalid-cron', mistake]]
}

const inZone = (timezone: string): Mistake[] =>
  IANAZone.isValidZone(timezone)
    ? []
    : [['timezone', 'unknown-timezone', `there is no time zone ${timezone}; one is called Europe/Berlin`]]
