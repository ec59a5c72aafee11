// Words of what schedules did: runs, slots that were passed over, and why.
import { z } from 'zod'

export const SkipReason = z
  .enum(['missed', 'catchup_limit', 'overlap', 'max_runs', 'invalid', 'paused', 'circle'])
  .meta({ id: 'SkipReason' })
  .describe(
    'Nobody could carry it out within its grace; there were more of those than are made up for; the job of an earlier slot ' +
      'had not ended; the schedule has had all its runs; its job could not be made, as its kind or payload is not valid any more; ' +
      'it was paused, or code declared it no more, before anybody carried it out; ' +
      'what set it off goes back to a job of its own, or went through k1n too often.',
  )
export type SkipReason = z.output<typeof SkipReason>

export const RunSource = z.enum(['cron', 'interval', 'once', 'rrule', 'event', 'manual']).meta({ id: 'RunSource' })
export type RunSource = z.output<typeof RunSource>

export const RunOutcome = z.enum(['completed', 'failed', 'cancelled']).meta({ id: 'RunOutcome' })
export type RunOutcome = z.output<typeof RunOutcome>
