// Words of long work on a whole queue: emptying it, tidying it, doing away with it, and letting all its jobs run.
import { z } from 'zod'
import { endpoint } from '../kernel/endpoint.ts'
import { QueueName } from '../jobs/words.ts'
import { Operation, PacePerS } from '../operations/words.ts'
import { QueueBusy, QueueMissing, QueueObserved, QueueReserved } from './problems.ts'

const pace = { rate_per_s: PacePerS.optional().describe('Jobs a second; as fast as it can unless given.') }
/** Items of one operation are stored before the first is touched. */
const stored = z.int().min(1).max(100_000).default(100_000)

export const DrainRequest = z
  .strictObject({
    include_delayed: z
      .boolean()
      .default(false)
      .describe('Jobs that wait for a time go too, but for the next of a schedule.'),
    ...pace,
  })
  .meta({ id: 'QueueDrainRequest' })

export const CLEANED_STATES = ['completed', 'failed', 'waiting', 'prioritized', 'delayed'] as const
export const CleanRequest = z
  .strictObject({
    state: z.enum(CLEANED_STATES),
    older_than_ms: z
      .int()
      .min(0)
      .max(315_360_000_000)
      .default(0)
      .describe('Since they ended, or since they were made where they have not ended.'),
    limit: z.int().min(1).max(100_000_000).default(100_000_000).describe('The oldest go first.'),
    ...pace,
  })
  .meta({ id: 'QueueCleanRequest' })

export const ObliterateRequest = z
  .strictObject({
    confirm: QueueName.describe('The name of the queue once more.'),
    force: z.boolean().default(false).describe('Also while jobs run: ours are cancelled, the others lose their queue.'),
    ...pace,
  })
  .meta({ id: 'QueueObliterateRequest' })

export const RetryAllRequest = z
  .strictObject({
    state: z.enum(['failed', 'completed']).default('failed'),
    before: z.iso.datetime({ offset: true }).optional().describe('Only those that ended before; now unless given.'),
    limit: stored.describe('The oldest go first.'),
    ...pace,
  })
  .meta({ id: 'QueueRetryAllRequest' })

export const PromoteAllRequest = z
  .strictObject({ limit: stored.describe('Those that would run first go first.'), ...pace })
  .meta({ id: 'QueuePromoteAllRequest' })

const work = {
  method: 'POST',
  tags: ['queues'],
  params: z.object({ queue: QueueName }),
  idempotency: 'optional',
  changes: { kind: 'queue', id: 'queue', asked: true },
  replies: { 202: Operation },
} as const

export const queueWork = {
  drain: endpoint({
    ...work,
    path: '/queues/:queue/drain',
    operationId: 'drainQueue',
    summary: 'Remove the jobs that wait, as an operation; jobs that come meanwhile stay',
    scopes: ['queues:admin'],
    body: DrainRequest,
    bodyOptional: true,
    problems: [QueueMissing, QueueReserved, QueueObserved],
  }),
  clean: endpoint({
    ...work,
    path: '/queues/:queue/clean',
    operationId: 'cleanQueue',
    summary: 'Remove old jobs of one state, as an operation',
    scopes: ['queues:admin'],
    body: CleanRequest,
    problems: [QueueMissing, QueueReserved, QueueObserved],
  }),
  obliterate: endpoint({
    ...work,
    path: '/queues/:queue/obliterate',
    operationId: 'obliterateQueue',
    summary: 'Do away with a queue and all that is in it, as an operation; it cannot be undone',
    scopes: ['queues:admin'],
    body: ObliterateRequest,
    problems: [QueueMissing, QueueReserved, QueueObserved, QueueBusy],
  }),
  retryAll: endpoint({
    ...work,
    path: '/queues/:queue/retry-all',
    operationId: 'retryAllJobs',
    changes: { ...work.changes, adds: 'new' },
    summary: 'Let all jobs run again that ended, with counters at zero, as an operation',
    scopes: ['jobs:manage'],
    body: RetryAllRequest,
    bodyOptional: true,
    problems: [QueueMissing],
  }),
  promoteAll: endpoint({
    ...work,
    path: '/queues/:queue/promote-all',
    operationId: 'promoteAllJobs',
    changes: { ...work.changes, adds: 'new' },
    summary: 'Let all delayed jobs run now, as an operation; the next job of a schedule stays',
    scopes: ['jobs:manage'],
    body: PromoteAllRequest,
    bodyOptional: true,
    problems: [QueueMissing],
  }),
}
