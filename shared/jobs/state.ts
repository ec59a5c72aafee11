// The state people see: BullMQ's own, with what k1n knows besides: cancelled jobs, and jobs that wait for a service.
import { z } from 'zod'
import { parseJson } from '../bullmq/raw-job.ts'
import type { RawJob, StatedJob } from '../bullmq/bullmq.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { readHeld } from '../services/held.ts'
import type { Held } from '../services/held.ts'
import { HoldCause } from '../services/words.ts'
import { isExpired } from './expired.ts'
import type { JobState } from './words.ts'

/** What a worker leaves in the hash of a job it parked, as the field `k1nPark`. Times are epoch milliseconds. */
export const Park = z.object({
  service: z.string(),
  cause: HoldCause,
  until: z.number(),
  since: z.number(),
  /** Starts of the job when it was parked: after another one the mark is of the past. */
  ats: z.int(),
  reason: z.string(),
})
export type Park = z.output<typeof Park>

/** A service a job waits for. `untilMs` is when it is worth asking again, `sinceMs` is known of jobs parked one by one. */
export interface Parking {
  readonly service: string
  readonly cause: HoldCause
  readonly untilMs: number
  readonly sinceMs: number | undefined
  readonly reason: string
}

/** The mark of a job that has not started since it was parked. */
export const parkOf = ({ parked, attemptsStarted }: RawJob): Parking | undefined => {
  const park = parked === undefined ? undefined : Park.safeParse(parseJson(parked)).data
  if (park?.ats !== attemptsStarted) return undefined
  const { service, cause, until, since, reason } = park
  return { service, cause, untilMs: until, sinceMs: since, reason }
}

/** What a job is parked for: a delayed one by its mark, a waiting one because its queue is held. */
export const parkingOf = ({ state, job }: StatedJob, held: Held | null | undefined): Parking | undefined => {
  if (state === 'delayed') return parkOf(job)
  if (!held || (state !== 'waiting' && state !== 'prioritized')) return undefined
  const { service, cause, until, reason } = held
  return { service, cause, untilMs: until, sinceMs: undefined, reason }
}

/** States of jobs that BullMQ still has: none of them is skipped. */
export type StoredState = Exclude<JobState, 'skipped'>

/** The state of a job; `held` is what its queue is held for, where that was looked up. A member of the failed set that was
 *  cancelled is not a failure. */
export const stateOf = (stated: StatedJob, held?: Held | null): StoredState => {
  const { state, job } = stated
  if (state === 'failed' && job.cancelled !== undefined) return isExpired(job) ? 'expired' : 'cancelled'
  if (parkingOf(stated, held)) return 'parked'
  return state === 'missing' ? 'unknown' : state
}

/** The state of a job as it is now: of one that waits in line it is looked up whether its queue is held. */
export const currentState = async (kernel: Kernel, stated: StatedJob): Promise<JobState> => {
  const { state, job } = stated
  const isInLine = state === 'waiting' || state === 'prioritized'
  return stateOf(stated, isInLine ? (await readHeld(kernel, [job.queue])).get(job.queue) : null)
}
