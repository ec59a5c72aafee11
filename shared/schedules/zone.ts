// What clocks on the wall do around a time, in words: nights on which they change are where schedules surprise.
import { DateTime, FixedOffsetZone } from 'luxon'
import type { Trigger } from './words.ts'

/** The place whose clocks a trigger goes by. */
export const zoneOf = (trigger: Trigger): string => ('timezone' in trigger ? trigger.timezone : 'UTC')

/** No clock changes by more at once since 1970, but for days that were left out. */
const REACH_MS = 3 * 3_600_000
const DAY_MS = 24 * 3_600_000

/** A change of the clocks: the first moment at which it is in force, and by how much they go forward. */
export interface Change {
  at: number
  byMs: number
}

const offsetMs = (at: number, zone: string): number => DateTime.fromMillis(at, { zone }).offset * 60_000

/** The change of clocks near a time, found to the second. */
export const changeNear = (at: number, zone: string): Change | undefined => {
  let [before, after] = [at - REACH_MS, at + REACH_MS]
  const old = offsetMs(before, zone)
  const byMs = offsetMs(after, zone) - old
  if (byMs === 0) return undefined
  while (after - before > 1_000) {
    const middle = Math.floor((before + after) / 2_000) * 1_000
    if (offsetMs(middle, zone) === old) before = middle
    else after = middle
  }
  return { at: after, byMs }
}

/** From its first moment to that of the next. */
export interface Day {
  start: number
  end: number
}

/** The day of a place that a time lies in, where clocks stand still from hours before it until hours after it. */
export const calmDayOf = (at: number, zone: string): Day | undefined => {
  const offset = offsetMs(at, zone)
  const start = Math.floor((at + offset) / DAY_MS) * DAY_MS - offset
  const end = start + DAY_MS
  const isCalm = offsetMs(start - REACH_MS, zone) === offset && offsetMs(end + REACH_MS, zone) === offset
  return isCalm ? { start, end } : undefined
}

/** A time as a wall clock shows it there, with how far it is from UTC: `2026-03-29T03:30:00.000+02:00`. */
export const onTheWall = (at: number, zone: string): string => DateTime.fromMillis(at, { zone }).toISO() ?? ''

const clock = (at: number, zone: string): string => DateTime.fromMillis(at, { zone }).toFormat('HH:mm')

/** What is special about a time by the wall clock of a place; undefined on almost every day of the year. */
export const noteOf = (at: number, zone: string): string | undefined => {
  const change = changeNear(at, zone)
  if (change === undefined) return undefined
  const since = at - change.at
  if (change.byMs > 0) return since >= 0 && since < change.byMs ? forward(change, zone) : undefined
  const back = -change.byMs
  if (since < -back || since >= back) return undefined
  return since < 0
    ? `${clock(at, zone)} comes twice; this is the first, before clocks go back`
    : `${clock(at, zone)} comes twice; this is the second, after clocks went back`
}

/** Both names of the moment at which they change. */
const forward = ({ at, byMs }: Change, zone: string): string => {
  const old = FixedOffsetZone.instance((offsetMs(at, zone) - byMs) / 60_000)
  const from = DateTime.fromMillis(at, { zone: old }).toFormat('HH:mm')
  return `clocks go forward from ${from} to ${clock(at, zone)}; times in between do not exist`
}
