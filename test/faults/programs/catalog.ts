// The catalog the fault programme runs with: every real kind, and some that misbehave.
import { z } from 'zod'
import * as real from '../../../shared/catalog/catalog.ts'
import type { AnyKind, Catalog } from '../../../shared/catalog/kind.ts'

export { catalogOf, kind, namesOf, queuesOf } from '../../../shared/catalog/catalog.ts'

/** The queue of all jobs a fault makes. */
export const QUEUE = 'faults'

/** The queue of jobs that batches are about, apart from those that are judged by the general rules. */
export const BATCHED = 'fault-batched'

/** The service that `fault.call` calls; a fault makes it by the API. */
export const SERVICE = 'fault.service'

const key = z.string().describe("The producer's own name for the job.")
const result = z.object({ pid: z.int() })
const retry = { attempts: 5, backoff: { type: 'fixed', delay_ms: 500, jitter: 'none' } } as const

export const work = real.kind({
  name: 'fault.work',
  queue: QUEUE,
  summary: 'Takes its time and fails as often as it is told to.',
  payload: z.strictObject({ key, takes_ms: z.int(), fails_until: z.int().default(0) }),
  result,
  retry,
})

export const batched = real.kind({
  name: 'fault.batched',
  queue: BATCHED,
  summary: 'As `fault.work`, and a dead letter at its first failure.',
  payload: work.payload,
  result,
  retry: { ...retry, attempts: 1 },
})

export const crash = real.kind({
  name: 'fault.crash',
  queue: QUEUE,
  summary: 'Ends or blocks the process that runs it.',
  payload: z.strictObject({ key, how: z.enum(['exit', 'segfault', 'heap', 'spin']) }),
  result,
  retry,
})

export const hang = real.kind({
  name: 'fault.hang',
  queue: QUEUE,
  summary: 'Never ends and heeds no signal.',
  payload: z.strictObject({ key }),
  result,
  retry: { ...retry, attempts: 1 },
  timeoutMs: 3_000,
})

export const call = real.kind({
  name: 'fault.call',
  queue: QUEUE,
  summary: 'Calls a service that is up or down.',
  payload: z.strictObject({ key, port: z.int() }),
  result,
  retry: { ...retry, attempts: 20 },
  service: SERVICE,
})

export const catalog = real.catalogOf(...Object.values(real.catalog), work, batched, crash, hang, call)

export const findKind = (name: string, within: Catalog = catalog): AnyKind | undefined => within[name]

export const ownQueues: readonly string[] = real.queuesOf(catalog)
