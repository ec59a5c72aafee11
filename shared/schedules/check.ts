// Whether a trigger can be carried out: what its schema cannot tell, and in which member it lies.
import { IANAZone } from 'luxon'
import { fieldErrors, pointer } from '../kernel/mistakes.ts'
import type { FieldError } from '../kernel/problem.ts'
import { mistakeInCron } from './cron.ts'
import { TimeTrigger } from './words.ts'

export type Checked =
  | { readonly trigger: TimeTrigger; readonly errors: readonly [] }
  | { readonly trigger?: never; readonly errors: readonly FieldError[] }

/** The trigger that a value is, or all that is wrong with it; `at` is where it lies in the body. */
export const checkTrigger = (value: unknown, at: readonly string[]): Checked => {
  const parsed = TimeTrigger.safeParse(value)
  if (!parsed.success) return { errors: fieldErrors(parsed.error, at) }
  const errors = mistakesIn(parsed.data).map(([member, code, detail]) => ({
    pointer: pointer([...at, member]),
    code,
    detail,
  }))
  return errors.length > 0 ? { errors } : { trigger: parsed.data, errors: [] }
}

type Mistake = readonly [member: string, code: string, detail: string]

const mistakesIn = (trigger: TimeTrigger): Mistake[] => {
  if (trigger.type !== 'cron') return []
  const { expression, timezone } = trigger
  const mistake = mistakeInCron(expression)
  return [
    ...(mistake === undefined ? [] : [['expression', 'invalid-cron', mistake] as const]),
    ...(IANAZone.isValidZone(timezone)
      ? []
      : [['timezone', 'unknown-timezone', `there is no time zone ${timezone}; one is called Europe/Berlin`] as const]),
  ]
}
