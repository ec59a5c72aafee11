// operation.run: goes on with an operation. k1n adds these jobs itself; see `shared/operations`.
import { z } from 'zod'
import { OperationId } from '../operations/words.ts'
import { kind } from './kind.ts'

export const operationRun = kind({
  name: 'operation.run',
  queue: 'k1n-operations',
  isOurs: true,
  resumes: true,
  summary: 'Goes on with an operation where it stood. k1n adds these jobs itself.',
  payload: z.strictObject({ operation_id: OperationId }),
  result: z.object({ operation_id: OperationId, ended: z.boolean() }),
  retry: { attempts: 10, backoff: { type: 'exponential', delay_ms: 1_000, max_ms: 15_000, jitter: 'full' } },
  // An operation gives way to others long before.
  timeoutMs: 600_000,
  concurrency: 5,
})
