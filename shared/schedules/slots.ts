// The slots of a schedule that nobody has decided about yet, and the one after them.
import type { ScheduleRecord } from './definition.ts'
import type { DueSlots } from './due.ts'
import { take, timesOf } from './times.ts'

/** Slots looked at one by one. */
const SLOTS_MAX = 2_000

/** Slots after one moment up to another. */
export const slotsDue = (record: ScheduleRecord, after: number, until: number): DueSlots => {
  const { trigger } = record.definition
  if (trigger.type === 'event') return { slots: [], before: undefined }
  const slots: number[] = []
  for (const at of timesOf(trigger, after)) if (at > until || slots.push(at) === SLOTS_MAX) break
  return { slots: slots.map((slot) => ({ slot, plannedAt: slot })), before: undefined }
}

/** The first slot after a moment; undefined when there is none up to `end`. */
export const slotAfter = (record: ScheduleRecord, after: number, end: number): number | undefined => {
  const { trigger } = record.definition
  if (trigger.type === 'event') return undefined
  const [next] = take(timesOf(trigger, after), 1)
  return next === undefined || next > end ? undefined : next
}
