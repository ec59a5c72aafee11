// The time in which a schedule fires, as its record says. Pure.
import type { ScheduleRecord } from './definition.ts'

/** `rests`: nobody fires it, but maybe from `until` on. */
export type Window =
  | { readonly rests: true; readonly until: number | undefined }
  | {
      readonly rests: false
      /** The first moment at which a slot counts. */ readonly from: number
      readonly end: number
    }

type Fired = Pick<ScheduleRecord, 'definition' | 'orphanedAt' | 'pause' | 'since'>

export const windowOf = ({ definition, orphanedAt, pause, since }: Fired, now: number): Window => {
  if (orphanedAt !== null) return { rests: true, until: undefined }
  if (pause !== null && (pause.until === null || pause.until > now))
    return { rests: true, until: pause.until ?? undefined }
  const { start_at, end_at } = definition
  const start = start_at === null ? since : Math.max(since, Date.parse(start_at))
  // A pause that is over by itself changes no record: what fell into it was not to be carried out.
  const from = pause?.until == null ? start : Math.max(start, pause.until)
  return { rests: false, from, end: end_at === null ? Infinity : Date.parse(end_at) }
}
