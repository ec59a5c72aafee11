// The time in which a schedule fires, as its record says. Pure.
import type { ScheduleRecord } from './definition.ts'
import { isIdle, isOut, ownSince } from './planned.ts'

/** `rests`: nobody fires it, but maybe from `until` on. */
export type Window =
  | { readonly rests: true; readonly until: number | undefined }
  | {
      readonly rests: false
      /** The first moment at which a slot counts. */ readonly from: number
      readonly end: number
    }

export const windowOf = (record: ScheduleRecord, now: number): Window => {
  const { definition, pause } = record
  if (isIdle(record, now)) return { rests: true, until: isOut(record) ? undefined : (pause?.until ?? undefined) }
  const { start_at, end_at } = definition
  const from = Math.max(ownSince(record, now), start_at === null ? 0 : Date.parse(start_at))
  return { rests: false, from, end: end_at === null ? Infinity : Date.parse(end_at) }
}
