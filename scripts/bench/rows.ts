// The rows that are measured, in the order of the scoreboard.
import type { Row } from './row.ts'
import { batch } from './rows/batch.ts'
import { api } from './rows/api.ts'
import { breaker } from './rows/breaker.ts'
import { bytes } from './rows/bytes.ts'
import { deadEndpoints } from './rows/dead-endpoints.ts'
import { deadLetters } from './rows/dead-letters.ts'
import { bulk } from './rows/bulk.ts'
import { enqueue } from './rows/enqueue.ts'
import { enqueueBulk } from './rows/enqueue-bulk.ts'
import { idle } from './rows/idle.ts'
import { latency } from './rows/latency.ts'
import { growth } from './rows/growth.ts'
import { limit } from './rows/limit.ts'
import { live } from './rows/live.ts'
import { manyQueues } from './rows/many-queues.ts'
import { overview } from './rows/overview.ts'
import { parking } from './rows/parking.ts'
import { processes } from './rows/processes.ts'
import { recorder } from './rows/recorder.ts'
import { resubmit } from './rows/resubmit.ts'
import { slots } from './rows/slots.ts'
import { start } from './rows/start.ts'
import { trip } from './rows/trip.ts'
import { webhooks } from './rows/webhooks.ts'
import { worker } from './rows/worker.ts'

export const rows: readonly Row[] = [
  enqueue,
  enqueueBulk,
  worker,
  recorder,
  latency,
  deadLetters,
  resubmit,
  bulk,
  batch,
  overview,
  live,
  breaker,
  trip,
  limit,
  webhooks,
  deadEndpoints,
  manyQueues,
  processes,
  growth,
  bytes,
  idle,
  start,
  parking,
  slots,
  api,
]
