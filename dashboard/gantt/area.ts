// A stretch of time in some lanes, as a set of runs to be counted, compared and acted on.
import type { Layout } from './layout.ts'
import type { TimeWindow } from './scale.ts'
import { FAILED, RETRYING, STALLED } from './spans.ts'

/** What was marked: from when to when, and the labels of the lanes. */
export interface Area extends TimeWindow {
  lanes: readonly string[]
  /** Every lane there is was marked. */
  isAll: boolean
}

export interface Tally {
  runs: number
  /** Dead letters, by their end within the stretch: an action on them finds them by that. */
  dead: number
  /** Failed attempts that were tried again, and stalled ones. */
  troubled: number
  /** Half of the runs that ended took no longer than this, and 95 of 100; null without any. */
  p50: number | null
  p95: number | null
  waitP95: number | null
}

export interface Counted extends Tally {
  /** Why that is not the whole count; undefined where it is. */
  unknown: string | undefined
}

/** Counts the runs of some lanes that touch a stretch. Lanes that are told in cells count whole cells and know no lengths. */
export const tallyOf = (layout: Layout, { from, to, lanes, isAll }: Area, now: number): Tally => {
  const tally = { runs: 0, dead: 0, troubled: 0 }
  const [lengths, waits]: [number[], number[]] = [[], []]
  for (const lane of layout.lanes) {
    if (!isAll && !lanes.includes(lane.label)) continue
    const { told, store } = lane
    for (const [cell, at] of told?.at.entries() ?? []) {
      if (at >= to || at + (told?.step ?? 0) <= from) continue
      tally.runs += told?.all[cell] ?? 0
      tally.dead += told?.failed[cell] ?? 0
      tally.troubled += told?.retrying[cell] ?? 0
    }
    const last = lane.firstFrom(to)
    const early = lane.running.map((slot) => lane.indexOf(slot)).filter((at) => at >= 0 && at < lane.firstAt(from))
    const places = [...early]
    for (let at = lane.firstAt(from); at < last; at++) places.push(at)
    for (const at of places) {
      const slot = lane.slots[at] as number
      const end = store.end(slot, now)
      if (end < from) continue
      tally.runs++
      const state = lane.outcomes[at] as number
      if (state === FAILED && end < to) tally.dead++
      else if (state === RETRYING || state === STALLED) tally.troubled++
      if ((lane.runs[at] as number) >= 0) lengths.push(lane.runs[at] as number)
      waits.push(store.wait[slot] as number)
    }
  }
  return { ...tally, ...percentiles(lengths), waitP95: at(waits.sort(up), 0.95) }
}

const up = (one: number, other: number): number => one - other
const at = (sorted: readonly number[], share: number): number | null =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null
const percentiles = (lengths: number[]): Pick<Tally, 'p50' | 'p95'> => {
  lengths.sort(up)
  return { p50: at(lengths, 0.5), p95: at(lengths, 0.95) }
}

/** The stretch of the same length before. */
export const before = (area: Area): Area => ({ ...area, from: area.from - (area.to - area.from), to: area.from })
