// Words of queues: what is in them, who works on them, and stopping and starting them.
import { z } from 'zod'
import { endpoint } from '../kernel/endpoint.ts'
import { event } from '../kernel/event.ts'
import { PreconditionFailed } from '../kernel/problems.ts'
import { Holding } from '../explain/words.ts'
import { Instant, QueueName, ReasonText } from '../jobs/words.ts'
import { AsOf, AsOfTold, MomentNotKept } from '../rewind/words.ts'
import { queueWork } from './work-contract.ts'
import { QueueMissing, QueueObserved } from './problems.ts'

export { QueueMissing } from './problems.ts'

export const QueueCounts = z
  .object({
    waiting: z.int(),
    prioritized: z.int(),
    delayed: z.int(),
    active: z.int(),
    waiting_children: z.int(),
    completed: z.int(),
    failed: z.int(),
  })
  .meta({ id: 'QueueCounts' })
export type QueueCounts = z.output<typeof QueueCounts>

export const QueueConfig = z
  .object({
    global_concurrency: z
      .int()
      .min(1)
      .max(1_000_000)
      .nullable()
      .describe('Jobs that all workers together run at once; null for no limit.'),
    rate_limit: z
      .strictObject({
        max: z.int().min(1).max(10_000_000),
        duration_ms: z.int().min(1).max(86_400_000),
      })
      .nullable()
      .describe('Jobs that all workers together start in a time; null for no limit.'),
    depth_limit: z
      .int()
      .min(1)
      .max(1_000_000_000)
      .nullable()
      .describe(
        'Jobs that may wait in it, delayed ones too, before the API takes no more: 429 `queue-full`. Null for what ' +
          '`K1N_QUEUE_DEPTH` says. Schedules, retries and what other services add are not refused.',
      ),
    retention: z
      .strictObject({
        completed_count: z.int().min(0).max(10_000_000).nullable().default(null),
        completed_age_ms: z.int().min(60_000).max(31_536_000_000).nullable().default(null),
      })
      .nullable()
      .describe(
        'How many completed jobs are kept, and for how long, tidied once a minute. Null is what k1n does unless told: 100,000 ' +
          "and seven days for its own queues, nothing for other services'. Dead letters are kept by settings of their own.",
      ),
  })
  .meta({ id: 'QueueConfig' })
export type QueueConfig = z.output<typeof QueueConfig>

export const Queue = z
  .object({
    name: z.string(),
    paused: z.boolean(),
    pause: z
      .object({
        reason: z.string().nullable(),
        by: z.string(),
        at: Instant,
        until: Instant.nullable().default(null).describe('When it goes on by itself; null: when somebody says so.'),
      })
      .nullable()
      .describe('Who stopped it and why; null where it runs, or was stopped by other means than k1n.'),
    held: Holding.nullable().describe('The service its workers stopped fetching for: all that waits is parked.'),
    counts: QueueCounts,
    rates: z
      .object({ in_per_min: z.number(), out_per_min: z.number(), failed_last_hour: z.int() })
      .describe('Over the last whole minute, and the last 60 minutes.'),
    oldest_waiting_ms: z.number().nullable(),
    workers: z.int().describe('Workers that hold a connection to this queue.'),
    slots: z.int().describe("Jobs our own workers run at once in this queue; 0 for other services' queues."),
    own: z.boolean().describe('Whether this installation runs workers for it.'),
    config: QueueConfig.default({ global_concurrency: null, rate_limit: null, depth_limit: null, retention: null }),
    config_version: z
      .int()
      .default(0)
      .describe('Of its limits, as the `ETag` tells it: another one when they are others.'),
    version: z.number(),
  })
  .meta({ id: 'Queue' })
export type Queue = z.output<typeof Queue>

export const QueuePauseRequest = z.strictObject({
  reason: ReasonText.optional(),
  until: z.iso.datetime({ offset: true }).optional().describe('When it goes on by itself, within a year from now.'),
})
export type QueuePauseRequest = z.output<typeof QueuePauseRequest>

const one = { tags: ['queues'], params: z.object({ queue: QueueName }) } as const

export const queues = {
  list: endpoint({
    method: 'GET',
    path: '/queues',
    operationId: 'listQueues',
    summary: 'List every queue in this Redis',
    tags: ['queues'],
    scopes: ['queues:read'],
    query: z.strictObject({ as_of: AsOf }),
    replies: { 200: z.object({ data: z.array(Queue), as_of: AsOfTold }).meta({ id: 'QueueList' }) },
    problems: [MomentNotKept],
  }),
  show: endpoint({
    ...one,
    method: 'GET',
    path: '/queues/:queue',
    operationId: 'getQueue',
    summary: 'Show one queue',
    description: 'Its `ETag` is the version of its limits, for a change of them.',
    scopes: ['queues:read'],
    etag: true,
    replies: { 200: Queue },
    problems: [QueueMissing],
  }),
  pause: endpoint({
    ...one,
    method: 'POST',
    path: '/queues/:queue/pause',
    operationId: 'pauseQueue',
    changes: { kind: 'queue', id: 'queue', shownBy: 'getQueue' },
    summary: 'Stop handing out jobs; running ones finish',
    scopes: ['queues:manage'],
    body: QueuePauseRequest,
    bodyOptional: true,
    replies: { 200: Queue },
    problems: [QueueMissing],
  }),
  resume: endpoint({
    ...one,
    method: 'POST',
    path: '/queues/:queue/resume',
    operationId: 'resumeQueue',
    changes: { kind: 'queue', id: 'queue', shownBy: 'getQueue' },
    summary: 'Hand out jobs again',
    scopes: ['queues:manage'],
    body: z.strictObject({ reason: ReasonText.optional() }),
    bodyOptional: true,
    replies: { 200: Queue },
    problems: [QueueMissing],
  }),
  change: endpoint({
    ...one,
    method: 'PATCH',
    path: '/queues/:queue',
    operationId: 'updateQueue',
    changes: { kind: 'queue', id: 'queue', shownBy: 'getQueue' },
    summary: 'Limit how a queue is worked off, how many jobs may wait in it, and how long completed ones stay',
    description:
      'What is left out stays as it is; null takes a limit away. The limits hold for workers of other services too; `depth_limit` only for what the API adds.',
    scopes: ['queues:admin'],
    etag: true,
    body: QueueConfig.partial().strict(),
    replies: { 200: Queue },
    problems: [QueueMissing, QueueObserved, PreconditionFailed],
  }),
  ...queueWork,
}

const About = z.object({ queue: z.string(), actor: z.string().nullable() })
export const QueuePaused = event('queue.paused', 'queue:paused', 'A queue stopped handing out jobs.', About)
export const QueueResumed = event('queue.resumed', 'queue:resumed', 'A queue hands out jobs again.', About)
export const QueueDrained = event(
  'queue.drained',
  'queue:drained',
  'A queue has no waiting job left.',
  About.extend({ task_id: z.string().optional().describe('The job whose end left it empty, where that is known.') }),
)
export const QueueCleaned = event(
  'queue.cleaned',
  'queue:cleaned',
  'Finished jobs were removed from a queue.',
  About.extend({ count: z.int() }),
)
