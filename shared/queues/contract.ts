// Words of queues: what is in them, who works on them, and stopping and starting them.
import { z } from 'zod'
import { endpoint } from '../kernel/endpoint.ts'
import { event } from '../kernel/event.ts'
import { problem } from '../kernel/problem.ts'
import { Holding } from '../explain/words.ts'
import { Instant, QueueName, ReasonText } from '../jobs/words.ts'

export const QueueMissing = problem('queue-not-found', 'missing', 'There is no such queue.')

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

export const Queue = z
  .object({
    name: z.string(),
    paused: z.boolean(),
    pause: z.object({ reason: z.string().nullable(), by: z.string(), at: Instant }).nullable(),
    held: Holding.nullable().describe('The service its workers stopped fetching for: all that waits is parked.'),
    counts: QueueCounts,
    rates: z
      .object({ in_per_min: z.number(), out_per_min: z.number(), failed_last_hour: z.int() })
      .describe('Over the last whole minute, and the last 60 minutes.'),
    oldest_waiting_ms: z.number().nullable(),
    workers: z.int().describe('Workers that hold a connection to this queue.'),
    slots: z.int().describe("Jobs our own workers run at once in this queue; 0 for other services' queues."),
    own: z.boolean().describe('Whether this installation runs workers for it.'),
    version: z.number(),
  })
  .meta({ id: 'Queue' })
export type Queue = z.output<typeof Queue>

const one = { tags: ['queues'], params: z.object({ queue: QueueName }) } as const

export const queues = {
  list: endpoint({
    method: 'GET',
    path: '/queues',
    operationId: 'listQueues',
    summary: 'List every queue in this Redis',
    tags: ['queues'],
    scopes: ['queues:read'],
    replies: { 200: z.object({ data: z.array(Queue) }).meta({ id: 'QueueList' }) },
    problems: [],
  }),
  show: endpoint({
    ...one,
    method: 'GET',
    path: '/queues/:queue',
    operationId: 'getQueue',
    summary: 'Show one queue',
    scopes: ['queues:read'],
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
    body: z.strictObject({ reason: ReasonText.optional() }),
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
