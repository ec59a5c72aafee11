// When the jobs of a schedule are due: its slots, and by how much its spread and its jitter put each off.
import { hash } from 'node:crypto'
import type { ScheduleDefinition, ScheduleRecord } from './definition.ts'
import { take, timesOf } from './times.ts'
import type { TimeTrigger, Trigger } from './words.ts'

/** When the job of a slot starts. The same on every machine: put off by what the id decides, and by what id and slot decide. */
export const plannedAt = (record: Pick<ScheduleRecord, 'id' | 'definition'>, slot: number): number =>
  slot + spreadOf(record) + jitterOf(record, slot)

/** By how much all slots of a schedule are put off. */
export const spreadOf = ({ id, definition }: Pick<ScheduleRecord, 'id' | 'definition'>): number =>
  part(definition.spread_ms, 'spread', id)

const jitterOf = ({ id, definition }: Pick<ScheduleRecord, 'id' | 'definition'>, slot: number): number =>
  part(definition.jitter_ms, 'jitter', `${id} ${slot}`)

/** A part of a span that a text decides: any of its milliseconds is as likely as the others. */
const part = (spanMs: number, ...of: string[]): number =>
  spanMs === 0 ? 0 : Number.parseInt(hash('sha256', of.join(' ')).slice(0, 12), 16) % spanMs

/** Whether the time has come for it to be fired by nobody: it is paused, or code declares it no more, or it is being adopted. */
export const isIdle = (record: ScheduleRecord, now: number): boolean => {
  const { pause } = record
  return isOut(record) || (pause !== null && (pause.until === null || pause.until > now))
}

/** Whether it stays idle however long one waits. */
export const isOut = ({ orphanedAt, adoption }: ScheduleRecord): boolean =>
  orphanedAt !== null || adoption?.underWay === true

/** Slots before this moment are not its own: it was made, given another trigger, or resumed then, also by itself. */
export const ownSince = ({ since, pause }: ScheduleRecord, now: number): number =>
  pause?.until != null && pause.until <= now ? Math.max(since, pause.until) : since

export const isTimed = (trigger: Trigger): trigger is TimeTrigger => trigger.type !== 'event'

/** The last at which a slot may be. Redis, BullMQ and texts of four digits for a year hold what is not too far away. */
export const LAST_MOMENT = Date.UTC(2200, 0, 1) - 1

/** Slots strictly after a moment, ascending, between start and end of the schedule. Many for most: take what is needed. */
export function* slotsAfter(
  { trigger, start_at, end_at }: Pick<ScheduleDefinition, 'trigger' | 'start_at' | 'end_at'>,
  after: number,
): Generator<number, void> {
  if (!isTimed(trigger)) return
  const last = Math.min(LAST_MOMENT, end_at === null ? LAST_MOMENT : Date.parse(end_at))
  for (const slot of timesOf(trigger, Math.max(after, start_at === null ? after : Date.parse(start_at) - 1))) {
    if (slot > last) return
    yield slot
  }
}

/** When it starts next after `now`, as far as is known then; undefined when it does not by itself. */
export const nextPlanned = (
  record: ScheduleRecord,
  now: number,
): { readonly slot: number; readonly at: number } | undefined => {
  const { definition, pause } = record
  if (isOut(record) || (pause !== null && pause.until === null)) return undefined
  const from = Math.max(now, pause?.until ?? now)
  const since = Math.max(ownSince(record, from) - 1, from - spreadOf(record) - definition.jitter_ms - 1)
  let left = LOOKED_AT
  for (const slot of slotsAfter(definition, since)) {
    const at = plannedAt(record, slot)
    if (at > from) return { slot, at }
    if (--left === 0) return undefined
  }
  return undefined
}

/** No jitter is longer than a schedule's shortest pause, so the next one is among the first few. */
const LOOKED_AT = 1_000

export interface Slots {
  /** Ascending. */
  readonly slots: readonly number[]
  /** Whether there are more between the two moments than these. */
  readonly truncated: boolean
}

/** The slots in (`after`, `until`], the oldest or the newest of them. However many there are, and however long ago `after` is,
 *  the work is bounded by some thousand steps of a calendar. */
export const slotsBetween = (
  { definition }: Pick<ScheduleRecord, 'definition'>,
  { after, until, limit, from }: { after: number; until: number; limit: number; from: 'oldest' | 'newest' },
): Slots => {
  const between = (start: number, most: number): number[] => take(upTo(slotsAfter(definition, start), until), most)
  if (after >= until) return { slots: [], truncated: false }
  if (from === 'oldest') {
    const slots = between(after, limit + 1)
    return { slots: slots.slice(0, limit), truncated: slots.length > limit }
  }
  const start = startOfNewest(between, after, until, limit)
  const slots = between(start, limit + SPARE).slice(-limit)
  return { slots, truncated: (between(after, 1)[0] ?? Number.POSITIVE_INFINITY) < (slots[0] ?? 0) }
}

/** Slots beyond the limit that one look may find. */
const SPARE = 250

/** A moment after which there are at least `limit` slots and not many more, or `after`. Spans grow until they hold enough; one
 *  that holds far too many is halved. */
const startOfNewest = (
  between: (start: number, most: number) => number[],
  after: number,
  until: number,
  limit: number,
): number => {
  let [many, few] = [Number.NaN, until]
  for (let span = 1_000; ; span *= 4) {
    const start = Number.isNaN(many) ? Math.max(after, until - span) : Math.floor((many + few) / 2)
    const found = between(start, limit + SPARE).length
    if (found === limit + SPARE && start < few - 1) many = start
    else if (found >= limit || start === after) return start
    else few = start
  }
}

function* upTo(slots: Iterable<number>, until: number): Generator<number, void> {
  for (const slot of slots) {
    if (slot > until) return
    yield slot
  }
}
