// The slots of a schedule that nobody has decided about yet, and the one after them.
import type { ScheduleRecord } from './definition.ts'
import type { DueSlots, Passed } from './due.ts'
import { plannedAt, slotsAfter, slotsBetween } from './planned.ts'
import { take } from './times.ts'

/** Slots looked at one by one; of more only the newest are. */
const SLOTS_MAX = 2_000

/** Slots after one moment up to another. */
export const slotsDue = (record: ScheduleRecord, after: number, until: number): DueSlots => {
  const oldest = slotsBetween(record, { after, until, limit: SLOTS_MAX, from: 'oldest' })
  const newest = oldest.truncated ? slotsBetween(record, { after, until, limit: SLOTS_MAX, from: 'newest' }) : oldest
  const slots = newest.slots.map((slot) => ({ slot, plannedAt: plannedAt(record, slot) }))
  return { slots, before: oldest.truncated ? passedBy(record, oldest.slots, newest.slots[0] ?? until) : undefined }
}

/** The slots before those that are looked at. */
const passedBy = (record: ScheduleRecord, oldest: readonly number[], first: number): Passed | undefined => {
  const from = oldest[0]
  if (from === undefined || from >= first) return undefined
  const [until = from] = slotsBetween(record, { after: from, until: first - 1, limit: 1, from: 'newest' }).slots
  const { trigger } = record.definition
  const counted = oldest.filter((slot) => slot < first).length
  return { from, until, count: trigger.type === 'interval' ? (until - from) / trigger.every_ms + 1 : counted }
}

/** The first slot after a moment; undefined when there is none. */
export const slotAfter = ({ definition }: ScheduleRecord, after: number): number | undefined =>
  take(slotsAfter(definition, after), 1)[0]
