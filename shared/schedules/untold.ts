// Slots that were due when a schedule came to rest, and that nobody had decided about by then. Pure.
import type { ScheduleRecord, Stretch } from './definition.ts'
import type { Skip } from './due.ts'
import { slotsDue } from './slots.ts'

/** They are passed over. `decided` is the newest slot that somebody decided about. */
export const untoldSlots = (record: ScheduleRecord, decided: number | undefined, runsLeft: number): Skip[] => {
  const reason = runsLeft > 0 ? 'paused' : 'max_runs'
  return stretchesOf(record).flatMap(({ since, until }) => {
    const { slots, before } = slotsDue(record, Math.max(since - 1, decided ?? 0), until)
    const from = before?.from ?? slots[0]?.slot
    const last = slots.at(-1)?.slot
    if (from === undefined || last === undefined) return []
    return [{ from, until: last, count: slots.length + (before?.count ?? 0), reason }]
  })
}

/** The times in which slots were its own and that ended in a rest: in a pause, or as code declared it no more. */
const stretchesOf = ({ since, pause, orphanedAt, earlier }: ScheduleRecord): Stretch[] => {
  const out = orphanedAt ?? Infinity
  const untilPause = pause === null ? [] : [{ since, until: Math.min(pause.at, out) }]
  const lastFrom = pause === null ? since : (pause.until ?? Infinity)
  const untilOut = orphanedAt === null ? [] : [{ since: lastFrom, until: out }]
  return [...(earlier === undefined ? [] : [earlier]), ...untilPause, ...untilOut]
}
