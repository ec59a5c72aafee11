// Schedules: what makes jobs at times.
import { toIso } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { checkTrigger } from './check.ts'
import type { ScheduleTime, TriggerCheck } from './contract.ts'
import { describeTrigger } from './describe.ts'
import { take, timesOf } from './times.ts'
import type { TimeTrigger } from './words.ts'
import { noteOf, onTheWall } from './zone.ts'

export interface Schedules {
  /** What a trigger means and when it fires next; a value that is none is answered with what is wrong with it. */
  validate(body: { trigger: unknown }): TriggerCheck
}

const NEXT = 5

export const createSchedules = ({ clock }: Pick<Kernel, 'clock'>): Schedules => ({
  validate({ trigger: value }) {
    const { trigger, errors } = checkTrigger(value, ['trigger'])
    if (trigger === undefined) return { valid: false, description: null, next: [], errors: errors.map(told) }
    const next = take(timesOf(trigger, clock.now()), NEXT)
    return {
      valid: true,
      description: describeTrigger(trigger),
      next: next.map((at) => timeOf(at, trigger)),
      errors: [],
    }
  },
})

const told = ({ pointer = '#', code, detail }: { pointer?: string; code: string; detail: string }) => ({
  pointer,
  code,
  detail,
})

const timeOf = (at: number, trigger: TimeTrigger): ScheduleTime => {
  const zone = trigger.type === 'cron' ? trigger.timezone : 'UTC'
  return { at: toIso(at), local: onTheWall(at, zone), note: noteOf(at, zone) ?? null }
}
