// From a claim to its job: the payload with the slot's time in it, in the form the queue's workers take.
import type { z } from 'zod'
import type { NewJob } from '../bullmq/bullmq.ts'
import { findKind } from '../catalog/catalog.ts'
import type { AnyKind, Catalog } from '../catalog/kind.ts'
import { storedOptions } from '../jobs/options.ts'
import type { StoredOptions } from '../jobs/options.ts'
import { isProblem } from '../kernel/problem.ts'
import type { ScheduleRecord } from './definition.ts'
import { jobIdOf } from './keys.ts'
import { queueOf } from './queue.ts'
import type { Claim } from './state.ts'
import { render } from './template.ts'

/** The job cannot be made as the schedule stands. */
export class CannotBeMade extends Error {
  override readonly name = 'CannotBeMade'
}

/** Makes the job of a claim. Throws `CannotBeMade` when its kind has gone, or does not take the payload or the options any more. */
export const jobOf = (catalog: Catalog, record: ScheduleRecord, claim: Claim, now: number): NewJob => {
  const { job_name: name } = record.definition
  const kind = findKind(name, catalog)
  const queue = queueOf(catalog, record.definition)
  if (queue === '') throw new CannotBeMade(`no kind of job is called ${name}, and the schedule names no queue`)
  const data = payloadOf(record, claim)
  const stored = optionsOf(kind, record, serviceOf(kind, data), claim, now)
  return { queue, id: jobIdOf(record.id, claim.key), name, data: JSON.stringify(data), timestamp: now, ...stored }
}

const serviceOf = (kind: AnyKind | undefined, data: unknown): string | undefined => {
  if (kind === undefined) return undefined
  const parsed = (kind.payload as z.ZodType).safeParse(data)
  if (parsed.success) return kind.serviceOf(parsed.data)
  throw new CannotBeMade(`the payload is not one of ${kind.name}: ${parsed.error.issues[0]?.message ?? ''}`)
}

/** Options that a kind takes may be none for a queue of others, once the kind has gone. */
const optionsOf = (
  kind: AnyKind | undefined,
  { id, definition }: ScheduleRecord,
  service: string | undefined,
  { plannedAt, hop, via = [] }: Claim,
  now: number,
): StoredOptions => {
  const { job_name: name, job_options: options, tags } = definition
  const delay_ms = Math.max(0, plannedAt - now)
  try {
    return storedOptions(
      kind,
      { name, options: { ...options, delay_ms }, tags },
      service,
      { by: `schedule:${id}`, ...(hop === undefined ? {} : { hop: hop + 1, via: [...via, id] }) },
      now,
    )
  } catch (error) {
    if (!isProblem(error)) throw error
    throw new CannotBeMade(error.extras.errors?.[0]?.detail ?? error.message)
  }
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
