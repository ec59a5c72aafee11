// Words of batches: what can be done to one thing, and what came of it.
import { z } from 'zod'
import { EventInput } from '../inbound/contract.ts'
import { JobOptions } from '../jobs/contract.ts'
import { QueueName, ReasonText, TaskId } from '../jobs/words.ts'
import { RetryRequest } from '../retries/contract.ts'

const job = {
  task_id: TaskId,
  queue: QueueName.optional().describe('Settles a bare id that several queues have.'),
}
const dead = {
  dlq_id: z.string().min(1).max(600).describe('`{queue}:{id}~{moment}`; a bare address means its newest death.'),
}
const delay_ms = RetryRequest.shape.delay_ms
const op = <const Name extends string, Shape extends z.ZodRawShape>(name: Name, shape: Shape) =>
  z.strictObject({ op: z.literal(name), ...shape })

export const SetDelay = op('set_delay', {
  ...job,
  delay_ms: z.int().min(0).max(31_536_000_000).optional().describe('From now on; 0 runs it now.'),
  run_at: z.iso.datetime({ offset: true }).optional().describe('Instead of `delay_ms`.'),
}).refine(({ delay_ms, run_at }) => (delay_ms === undefined) !== (run_at === undefined), {
  path: ['delay_ms'],
  message: 'give either delay_ms or run_at',
})

export const Priority = JobOptions.shape.priority.unwrap()

const ops = [
  op('retry', { ...job, reset_attempts: z.boolean().default(false), delay_ms }),
  op('skip', { ...job, reason: ReasonText.optional() }),
  op('trigger', EventInput.shape),
  op('cancel', { ...job, reason: ReasonText.optional() }),
  op('promote', job),
  op('resubmit', { ...dead, reset_attempts: z.boolean().default(true), delay_ms }),
  op('discard', dead),
  op('set_priority', { ...job, priority: Priority }),
  SetDelay,
] as const

export const OP_NAMES = ops.map(({ shape }) => shape.op.value)

/** One thing to be done. */
export const BatchOp = z
  .discriminatedUnion('op', ops, { error: `must have an "op" that is one of ${OP_NAMES.join(', ')}` })
  .meta({ id: 'BatchOperation' })
export type BatchOp = z.output<typeof BatchOp>
export type OpName = BatchOp['op']

export const BatchMode = z
  .enum(['independent', 'stop_on_error'])
  .describe('`stop_on_error` does one after the other, and leaves what follows the first that fails.')
export type BatchMode = z.output<typeof BatchMode>

/** What came of one operation. */
export const BatchResult = z
  .object({
    index: z.int().describe('Its place among the operations.'),
    op: z.string(),
    status: z.int().describe('As a request for this one alone would have been answered.'),
    task_id: z.string().optional(),
    dlq_id: z.string().optional(),
    data: z.record(z.string(), z.unknown()).optional().describe('What it came to, such as the state of the job.'),
    problem: z.record(z.string(), z.unknown()).optional().describe('Why it failed: code, title, status and detail.'),
  })
  .meta({ id: 'BatchResult' })
export type BatchResult = z.output<typeof BatchResult>
