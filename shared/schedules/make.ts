// From a claim to its job: the payload with the slot's time in it, in the form the queue's workers take.
import type { z } from 'zod'
import type { NewJob } from '../bullmq/bullmq.ts'
import type { Catalog } from '../catalog/kind.ts'
import { storedOptions } from '../jobs/options.ts'
import type { ScheduleRecord } from './definition.ts'
import { jobIdOf } from './keys.ts'
import { queueOf } from './queue.ts'
import type { Claim } from './state.ts'
import { render } from './template.ts'

/** The job cannot be made as the schedule stands. */
export class CannotBeMade extends Error {
  override readonly name = 'CannotBeMade'
}

/** Makes the job of a claim. Throws `CannotBeMade` when its kind has gone or does not take the payload any more. */
export const jobOf = (catalog: Catalog, record: ScheduleRecord, claim: Claim, now: number): NewJob => {
  const { job_name: name, job_options: options, tags } = record.definition
  const kind = catalog[name]
  const queue = queueOf(catalog, record.definition)
  if (queue === '') throw new CannotBeMade(`no kind of job is called ${name}, and the schedule names no queue`)
  const data = payloadOf(record, claim)
  const parsed = (kind?.payload as z.ZodType | undefined)?.safeParse(data)
  if (parsed?.success === false)
    throw new CannotBeMade(`the payload is not one of ${name}: ${parsed.error.issues[0]?.message ?? ''}`)
  const input = { name, options: { ...options, delay_ms: Math.max(0, claim.plannedAt - now) }, tags }
  const service = kind?.serviceOf(data)
  const stored = storedOptions(kind, input, service, { by: `schedule:${record.id}` }, now)
  return { queue, id: jobIdOf(record.id, claim.key), name, data: JSON.stringify(data), timestamp: now, ...stored }
}

const payloadOf = ({ id, definition }: ScheduleRecord, claim: Claim): Record<string, unknown> => {
  const { trigger } = definition
  const event = claim.event === undefined ? {} : { event: claim.event }
  try {
    return render(claim.data ?? definition.data, { slot: claim.scheduledFor, schedule: { id, trigger }, ...event })
  } catch (error) {
    throw new CannotBeMade(error instanceof Error ? error.message : String(error))
  }
}
