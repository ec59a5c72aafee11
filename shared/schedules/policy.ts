// What becomes of a schedule when somebody makes, changes, pauses or resumes it. Pure: given what it was, and when and by whom.
import { isDeepStrictEqual } from 'node:util'
import type { ScheduleDefinition, ScheduleRecord } from './definition.ts'

/** A record that is to be written; its version is given then. */
export type ScheduleDraft = Omit<ScheduleRecord, 'version'>
export type Member = keyof ScheduleDefinition

export interface By {
  readonly now: number
  readonly by: string
  /** What a schedule of theirs hears of; everything when absent. */
  readonly hears?: ScheduleRecord['hears']
}

export const made = (id: string, definition: ScheduleDefinition, { now, by, hears }: By): ScheduleDraft => ({
  id,
  origin: 'api',
  definition,
  declared: null,
  changed: [],
  orphanedAt: null,
  pause: null,
  hears,
  createdAt: now,
  updatedAt: now,
  by,
  since: now,
})

/** With another definition. Slots of before are none of a trigger that was changed, or of a schedule that may run more often. */
export const redefined = (
  record: ScheduleRecord,
  definition: ScheduleDefinition,
  { now, by, hears }: By,
): ScheduleDraft => {
  const before = awake(record, now)
  return {
    ...before,
    definition,
    changed: record.declared === null ? [] : membersThatDiffer(definition, record.declared),
    hears,
    updatedAt: now,
    by,
    ...(beginsAnew(record.definition, definition) ? { since: now, earlier: undefined } : {}),
  }
}

/** Whether it is another question when it comes. */
export const changesTimes = (before: ScheduleDefinition, after: ScheduleDefinition): boolean =>
  (['trigger', 'start_at', 'end_at'] as const).some((member) => !isDeepStrictEqual(before[member], after[member]))

/** Whether it makes up for nothing that was before: one that had had all its runs must not have those that it never was to have. */
export const beginsAnew = (before: ScheduleDefinition, after: ScheduleDefinition): boolean =>
  changesTimes(before, after) || (after.max_runs ?? Infinity) > (before.max_runs ?? Infinity)

/** The members in which two definitions differ, those that only one has too. */
export const membersThatDiffer = (definition: ScheduleDefinition, declared: ScheduleDefinition): Member[] =>
  ([...new Set([...Object.keys(declared), ...Object.keys(definition)])] as Member[]).filter(
    (member) => !isDeepStrictEqual(definition[member], declared[member]),
  )

/** What it says without what was changed of these members. */
export const asDeclared = (record: ScheduleRecord, members: readonly Member[] | undefined): ScheduleDefinition => {
  const { definition, declared } = record
  if (declared === null) return definition
  if (members === undefined) return declared
  // A member that code leaves out altogether, such as `queue`, is left out again.
  const rest = Object.entries(definition).filter(([member]) => !members.includes(member as Member))
  const back = Object.entries(declared).filter(([member]) => members.includes(member as Member))
  return Object.fromEntries([...rest, ...back]) as ScheduleDefinition
}

export const paused = (
  record: ScheduleRecord,
  { reason, until }: { reason: string | null; until: number | null },
  { now, by }: By,
): ScheduleDraft => ({ ...goingOn(record, now), pause: { reason, by, at: now, until }, updatedAt: now, by })

export const resumed = (record: ScheduleRecord, { now, by }: By): ScheduleDraft => ({
  ...goingOn(record, now),
  updatedAt: now,
  by,
})

/** With slots from `since` on, after a rest that began at a moment. */
export const rested = (record: ScheduleRecord, restedAt: number, since: number): ScheduleRecord => ({
  ...record,
  ...(record.since < restedAt ? { earlier: { since: record.since, until: restedAt } } : {}),
  since,
})

/** Without its pause, which ends now if it has not ended by itself. */
const goingOn = (record: ScheduleRecord, now: number): ScheduleRecord => {
  const before = awake(record, now)
  return before.pause === null ? before : { ...rested(before, before.pause.at, now), pause: null }
}

/** A pause that has ended by itself is none, and slots that lay in it are none of the schedule's. */
const awake = (record: ScheduleRecord, now: number): ScheduleRecord => {
  const until = record.pause?.until ?? null
  if (record.pause === null || until === null || until > now) return record
  return { ...rested(record, record.pause.at, Math.max(record.since, until)), pause: null }
}
