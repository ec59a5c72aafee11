// What schedules will do: the next slots of those that fire soonest, with what clocks do then.
import type { z } from 'zod'
import type { Principal } from '../auth/contract.ts'
import { toIso } from '../kernel/clock.ts'
import type { Carrying } from './carry.ts'
import type { ScheduleRecord } from './definition.ts'
import { describeTrigger } from './describe.ts'
import { queueOf } from './queue.ts'
import { LAST_MOMENT, plannedAt, slotsBetween } from './planned.ts'
import type { Slots } from './planned.ts'
import { timeOf } from './present.ts'
import { recentRuns } from './read-runs.ts'
import type { Upcoming, UpcomingRun, UpcomingSchedule, scheduleRuns as rows } from './runs-contract.ts'
import { visible } from './visible.ts'
import { windowOf } from './window.ts'

export type UpcomingQuery = z.output<(typeof rows.upcoming)['query']>

const DAY_MS = 86_400_000
const SPAN_MAX_MS = 31 * DAY_MS
/** Slots listed of one schedule, and counted. */
const LISTED = 3
const COUNTED = 1_000
/** Schedules between which others get a turn: calendars take their time. */
const TURN = 20

/** The last runs that are shown beside a schedule. */
const RECENT = 10

export const upcoming = async (room: Carrying, principal: Principal, query: UpcomingQuery): Promise<Upcoming> => {
  const now = room.kernel.clock.now()
  const { from, to } = spanOf(now, query)
  const soonest = await firing(room, principal, to)
  const counted: Counted[] = []
  for (const [index, { record, next }] of soonest.slice(0, query.limit).entries()) {
    if (index % TURN === TURN - 1) await new Promise(setImmediate)
    // What was decided about already is not to come, though a clock that went back may say so.
    counted.push(count(record, Math.max(from, next), to))
  }
  return {
    ...{ from: toIso(from), to: toIso(to) },
    data: counted.flatMap((one) => listed(room, one)).sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)),
    schedules: await about(room, counted),
    load: loadOf(
      counted.flatMap(({ record, slots }) => slots.map((slot) => plannedAt(record, slot))),
      from,
      to,
    ),
    complete: soonest.length <= query.limit && counted.every(({ truncated }) => !truncated),
  }
}

/** The time that is looked at: from now on, at most a month, and nothing of one that ends before it begins. */
export const spanOf = (now: number, query: Pick<UpcomingQuery, 'from' | 'to'>): { from: number; to: number } => {
  const from = Math.min(Math.max(now, query.from === undefined ? now : Date.parse(query.from)), LAST_MOMENT)
  const to = query.to === undefined ? from + DAY_MS : Date.parse(query.to)
  return { from, to: Math.max(from, Math.min(to, from + SPAN_MAX_MS)) }
}

/** Those that fire by then, the soonest first. */
const firing = async (room: Carrying, principal: Principal, to: number): Promise<Firing[]> => {
  const [records, times] = await Promise.all([room.catalogue.look(), room.state.next()])
  return [...times]
    .filter(([, next]) => next <= to)
    .sort(([, a], [, b]) => a - b)
    .flatMap(([id, next]) => {
      const record = visible(room, principal, records.get(id))
      return record === undefined || windowOf(record, room.kernel.clock.now()).rests ? [] : [{ record, next }]
    })
}

interface Firing {
  readonly record: ScheduleRecord
  readonly next: number
}

interface Counted extends Slots {
  readonly record: ScheduleRecord
}

const count = (record: ScheduleRecord, from: number, to: number): Counted => ({
  record,
  ...slotsBetween(record, { after: from - 1, until: to, limit: LISTED + COUNTED, from: 'oldest' }),
})

const listed = ({ catalog }: Carrying, { record, slots }: Counted): UpcomingRun[] => {
  const { id: schedule_id, definition } = record
  const first = slots.slice(0, LISTED)
  return first.map((slot, index) => ({
    ...{ schedule_id, name: definition.name, queue: queueOf(catalog, record.definition) },
    ...timeOf(record, slot),
    more: index === first.length - 1 ? slots.length - first.length : null,
  }))
}

const about = async (room: Carrying, counted: readonly Counted[]): Promise<UpcomingSchedule[]> => {
  const shown = counted.filter(({ slots }) => slots.length > 0).map(({ record }) => record)
  const recent = await recentRuns(room, shown.map(({ id }) => id), RECENT) // prettier-ignore
  return shown.map(({ id, definition: { job_name, trigger } }) => ({
    ...{ id, job_name, description: describeTrigger(trigger) },
    recent: recent.get(id) ?? [],
  }))
}

const PARTS = 96

/** How many of some moments lie in each of equal parts of a time. */
export const loadOf = (starts: readonly number[], from: number, to: number): Upcoming['load'] => {
  const width = (to - from) / PARTS
  const parts = Array.from({ length: PARTS }, (_, n) => ({ at: toIso(Math.round(from + n * width)), jobs: 0 }))
  for (const start of starts) {
    const part = parts[Math.floor((start - from) / width)]
    if (part !== undefined) part.jobs += 1
  }
  return parts
}
