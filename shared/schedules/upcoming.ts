// What schedules will do: the next slots of those that fire soonest, with what clocks do then.
import type { z } from 'zod'
import type { Principal } from '../auth/contract.ts'
import { toIso } from '../kernel/clock.ts'
import type { Carrying } from './carry.ts'
import type { ScheduleRecord } from './definition.ts'
import { queueOf } from './make.ts'
import { plannedAt, slotsBetween } from './planned.ts'
import type { Upcoming, UpcomingRun, scheduleRuns as rows } from './runs-contract.ts'
import { visible } from './visible.ts'
import { windowOf } from './window.ts'
import { noteOf, onTheWall } from './zone.ts'

export type UpcomingQuery = z.output<(typeof rows.upcoming)['query']>

const DAY_MS = 86_400_000
const SPAN_MAX_MS = 31 * DAY_MS
/** Slots listed of one schedule, and counted. */
const LISTED = 3
const COUNTED = 1_000
/** Schedules between which others get a turn: calendars take their time. */
const TURN = 20

export const upcoming = async (room: Carrying, principal: Principal, query: UpcomingQuery): Promise<Upcoming> => {
  const now = room.kernel.clock.now()
  const from = Math.max(now, query.from === undefined ? now : Date.parse(query.from))
  const to = Math.min(query.to === undefined ? from + DAY_MS : Date.parse(query.to), from + SPAN_MAX_MS)
  const soonest = await firing(room, principal, to)
  const data: UpcomingRun[] = []
  for (const [index, record] of soonest.slice(0, query.limit).entries()) {
    if (index % TURN === TURN - 1) await new Promise(setImmediate)
    data.push(...slotsOf(room, record, from, to))
  }
  data.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  return { from: toIso(from), to: toIso(to), data, complete: soonest.length <= query.limit }
}

/** Those that fire by then, the soonest first. */
const firing = async (room: Carrying, principal: Principal, to: number): Promise<ScheduleRecord[]> => {
  const [records, next] = await Promise.all([room.catalogue.look(), room.state.next()])
  return [...next]
    .filter(([, at]) => at <= to)
    .sort(([, a], [, b]) => a - b)
    .flatMap(([id]) => visible(room, principal, records.get(id)) ?? [])
    .filter((record) => !windowOf(record, room.kernel.clock.now()).rests)
}

const slotsOf = ({ catalog }: Carrying, record: ScheduleRecord, from: number, to: number): UpcomingRun[] => {
  const { slots } = slotsBetween(record, { after: from - 1, until: to, limit: LISTED + COUNTED, from: 'oldest' })
  const { trigger, name } = record.definition
  const zone = 'timezone' in trigger ? trigger.timezone : 'UTC'
  const more = Math.max(0, slots.length - LISTED)
  const listed = slots.slice(0, LISTED)
  return listed.map((slot, index) => ({
    ...{ schedule_id: record.id, name, queue: queueOf(catalog, record) ?? '' },
    ...{ at: toIso(slot), local: onTheWall(slot, zone), note: noteOf(slot, zone) ?? null },
    planned_at: toIso(plannedAt(record, slot)),
    more: index === listed.length - 1 ? more : null,
  }))
}
