// Parks jobs whose service lets nobody in: they go back with no attempt counted, each with a time of its own to come again.
import type { Job } from 'bullmq'
import type { WaitingLine } from '../shared/calls/line.ts'
import type { Park } from '../shared/jobs/state.ts'
import type { Kernel } from '../shared/kernel/kernel.ts'
import type { Hold } from '../shared/services/words.ts'

/** Moves a running job away until its service may be asked again. */
export type Parking = (job: Job, token: string, hold: Hold) => Promise<void>

export interface ParkingNeeds {
  line: WaitingLine
  /** How many jobs a second may come again for this reason; undefined where the hold's own time says it. */
  perSecondOf: (hold: Hold) => number | undefined
}

/** Priorities that come before the others; names for them are critical and high. */
const URGENT_MAX = 99

const isUrgent = ({ priority }: Job): boolean => priority > 0 && priority <= URGENT_MAX

/** BullMQ's way to delay a job takes fields to write in the same step: so the mark costs no command of its own. */
interface Backend {
  moveToDelayed(
    id: string,
    now: number,
    delay: number,
    token: string,
    opts: { skipAttempt: true; fieldsToUpdate: Record<string, string> },
  ): Promise<unknown>
}

export const createParking = ({ clock }: Kernel, { line, perSecondOf }: ParkingNeeds): Parking => {
  const placeOf = (job: Job, hold: Hold): Promise<number> | number => {
    const perSecond = hold.isOwnTime === true ? undefined : perSecondOf(hold)
    return perSecond === undefined ? hold.untilMs : line.place(hold, perSecond, isUrgent(job))
  }
  return async (job, token, hold) => {
    const place = placeOf(job, hold)
    const until = typeof place === 'number' ? place : await place
    const { service, cause, reason } = hold
    const now = clock.now()
    const mark: Park = { service, cause, until, since: now, ats: job.attemptsStarted, reason }
    const { backend } = job as unknown as { backend: Backend }
    await backend.moveToDelayed(job.id ?? '', now, Math.max(0, until - now), token, {
      skipAttempt: true,
      fieldsToUpdate: { k1nPark: JSON.stringify(mark) },
    })
  }
}
