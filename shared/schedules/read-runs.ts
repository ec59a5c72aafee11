// The history as it is shown: of one schedule or of all, newest first, page after page.
import type { z } from 'zod'
import type { Principal } from '../auth/contract.ts'
import { toIso } from '../kernel/clock.ts'
import { cursorSecret } from '../kernel/cursor-secret.ts'
import { decodeCursor, encodeCursor } from '../kernel/page.ts'
import type { Page } from '../kernel/page.ts'
import type { Carrying } from './carry.ts'
import { ScheduleMissing } from './contract.ts'
import type { MadeEntry } from './fulfil.ts'
import { scheduleKeys } from './keys.ts'
import type { RunEnd } from './run-end.ts'
import type { RunSource } from './run-words.ts'
import type { ScheduleRun, scheduleRuns as rows } from './runs-contract.ts'
import type { SkippedEntry } from './skips.ts'
import { visible } from './visible.ts'

export type RunsQuery = z.output<(typeof rows.runs)['query']>
export type HistoryQuery = z.output<(typeof rows.history)['query']>

/** Entries looked at in one call, whatever the caller may see of them. */
export const LOOK = 1_000
const STRETCH = 200

/** Where a walk stands: the last entry, and its time for the case that it has gone. */
export interface Place {
  member: string
  at: number
}

/** What Redis answers `WITHSCORES`. */
export const placesOf = (flat: readonly string[]): Place[] =>
  Array.from({ length: flat.length / 2 }, (_, n) => ({ member: flat[2 * n] ?? '', at: Number(flat[2 * n + 1]) }))

/** Problem: `schedule-not-found`. */
export const runsOf = async (
  room: Carrying,
  principal: Principal,
  id: string,
  { limit, cursor }: RunsQuery,
): Promise<Page<ScheduleRun>> => {
  if (visible(room, principal, (await room.catalogue.look()).get(id)) === undefined)
    throw ScheduleMissing(`There is no schedule ${id}.`)
  const order = scheduleKeys(room.kernel).order(id)
  return walk(room, { key: order, filter: id, limit, cursor, from: undefined, to: undefined }, (member) => [id, member])
}

/** Tells of which schedules somebody may see the runs; those of schedules that are gone, who may see every queue. */
export const seeing = async (room: Carrying, principal: Principal): Promise<(id: string) => boolean> => {
  const records = await room.catalogue.look()
  return (id) =>
    records.has(id) ? visible(room, principal, records.get(id)) !== undefined : principal.queues.includes('*')
}

export const historyOf = async (
  room: Carrying,
  principal: Principal,
  { limit, cursor, from, to, schedule }: HistoryQuery,
): Promise<Page<ScheduleRun>> => {
  const maySee = await seeing(room, principal)
  const keys = scheduleKeys(room.kernel)
  const key = schedule === undefined ? keys.history : keys.order(schedule)
  return walk(room, { key, filter: ['history', from, to, schedule], limit, cursor, from, to }, (member) => {
    const [id = '', run = ''] = schedule === undefined ? member.split(' ') : [schedule, member]
    return maySee(id) ? [id, run] : undefined
  })
}

interface Walk {
  key: string
  filter: unknown
  limit: number
  cursor: string | undefined
  from: string | undefined
  to: string | undefined
}

const walk = async (
  room: Carrying,
  { key, filter, limit, cursor, from, to }: Walk,
  meant: (member: string) => [id: string, run: string] | undefined,
): Promise<Page<ScheduleRun>> => {
  const secret = cursorSecret(room.kernel)
  const earliest = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from)
  let place = cursor === undefined ? undefined : decodeCursor<Place>(secret, cursor, filter)
  const found: { place: Place; run: [string, string] }[] = []
  let looked = 0
  let isEnd = false
  while (found.length <= limit && looked < LOOK && !isEnd) {
    const places = await before(room, key, place, to)
    const fitting = places.filter(({ at }) => at >= earliest)
    for (const one of fitting) {
      const run = meant(one.member)
      if (run !== undefined) found.push({ place: one, run })
    }
    looked += places.length
    place = fitting.at(-1) ?? place
    isEnd = fitting.length < STRETCH
  }
  const page = found.slice(0, limit)
  const next = found.length > limit ? page.at(-1)?.place : isEnd ? undefined : place
  return {
    data: await readRuns(room, page.map(({ run }) => run)), // prettier-ignore
    page: {
      limit,
      has_more: next !== undefined,
      next_cursor: next === undefined ? null : encodeCursor(secret, next, filter),
      prev_cursor: null,
    },
    searched: { searched: looked, complete: next === undefined || found.length > limit },
  }
}

/** The entries before a place, newest first; many have one time, so that their order among themselves matters. */
const before = async (
  { kernel: { redis } }: Carrying,
  key: string,
  place: Place | undefined,
  to: string | undefined,
): Promise<Place[]> => {
  const rank = place === undefined ? null : await redis.zrevrank(key, place.member)
  const latest = place === undefined ? (to === undefined ? '+inf' : Date.parse(to)) : `(${place.at}`
  const flat =
    rank === null
      ? await redis.zrevrangebyscore(key, latest, '-inf', 'WITHSCORES', 'LIMIT', 0, STRETCH)
      : await redis.zrevrange(key, rank + 1, rank + STRETCH, 'WITHSCORES')
  return placesOf(flat)
}

/** The newest so many runs of each of some schedules, oldest first. */
export const recentRuns = async (
  room: Carrying,
  ids: readonly string[],
  count: number,
): Promise<ReadonlyMap<string, ScheduleRun[]>> => {
  const keys = scheduleKeys(room.kernel)
  const pipeline = room.kernel.redis.pipeline()
  for (const id of ids) pipeline.zrevrange(keys.order(id), 0, count - 1)
  const replies = (await pipeline.exec()) ?? []
  const newest = ids.flatMap((id, index) => ((replies[index]?.[1] ?? []) as string[]).map((run): [string, string] => [id, run])) // prettier-ignore
  return Map.groupBy((await readRuns(room, newest)).reverse(), ({ schedule_id }) => schedule_id)
}

const readRuns = async ({ kernel }: Carrying, runs: readonly [id: string, run: string][]): Promise<ScheduleRun[]> => {
  const keys = scheduleKeys(kernel)
  const pipeline = kernel.redis.pipeline()
  for (const [id, run] of runs) pipeline.hmget(keys.runs(id), run, `${run}:began`, `${run}:ended`)
  const replies = (await pipeline.exec()) ?? []
  return runs.flatMap(([id, run], index) => {
    const [entry, began, ended] = (replies[index]?.[1] ?? []) as (string | null)[]
    return entry === null || entry === undefined ? [] : [runFrom(id, run, entry, began ?? null, ended ?? null)]
  })
}

/** What was written of it when it was made or passed over, when it began and when it ended. */
type Entry = Partial<MadeEntry> &
  Partial<Pick<SkippedEntry, 'until' | 'slots' | 'skipped'>> & {
    source: string
    scheduled_for: number
    detail?: string
  }

/** A run as it is shown, from what was written of it. */
export const runFrom = (
  schedule_id: string,
  id: string,
  text: string,
  began: string | null,
  ended: string | null,
): ScheduleRun => {
  const entry = JSON.parse(text) as Entry
  const end = ended === null ? undefined : (JSON.parse(ended) as RunEnd)
  const startedAt = end === undefined ? (began === null ? undefined : Number(began)) : (end.started_at ?? undefined)
  const { scheduled_for: slot, triggered_at: madeAt, until } = entry
  return {
    ...{ id, schedule_id, status: statusOf(entry, began, end), source: entry.source as z.output<typeof RunSource> },
    ...{ scheduled_for: toIso(slot), until: until === undefined || until === slot ? null : toIso(until) },
    ...{ slots: entry.slots ?? 1, skipped: entry.skipped ?? null, detail: entry.detail ?? null },
    ...{ planned_at: instant(entry.planned_at), triggered_at: instant(madeAt), started_at: instant(startedAt) },
    finished_at: instant(end?.finished_at),
    lag_ms: madeAt === undefined ? null : Math.max(0, madeAt - slot),
    duration_ms: end === undefined || startedAt === undefined ? null : Math.max(0, end.finished_at - startedAt),
    ...{ task_id: entry.task_id ?? null, queue: entry.queue ?? null, actor: entry.actor ?? null },
    ...{ reason: entry.reason ?? null, event_id: entry.event_id ?? null, error: end?.error ?? null },
  }
}

const instant = (ms: number | undefined): string | null => (ms === undefined ? null : toIso(ms))

const statusOf = (entry: Entry, began: string | null, end: RunEnd | undefined): ScheduleRun['status'] => {
  if (entry.skipped !== undefined) return 'skipped'
  if (end !== undefined) return end.outcome
  if (began !== null) return 'running'
  return entry.task_id === undefined ? 'waiting' : 'triggered'
}
