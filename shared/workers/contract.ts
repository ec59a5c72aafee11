// Words of worker processes: what they are and do, steering them, and when one comes and when one goes.
import { z } from 'zod'
import { endpoint } from '../kernel/endpoint.ts'
import { event } from '../kernel/event.ts'
import { problem } from '../kernel/problem.ts'
import { ResourceForbidden } from '../kernel/problems.ts'
import { Instant } from '../jobs/words.ts'
import { Operation } from '../operations/words.ts'

export const WorkerMissing = problem('worker-not-found', 'missing', 'There is no such worker.')
export const WorkerEnded = problem('worker-ended', 'conflict', 'The worker has ended.')

export const WorkerId = z
  .string()
  .regex(/^w_[A-Za-z0-9.-]{1,120}$/, 'must be the id of a worker')
  .describe('`w_{host}-{pid}-{random}`, as the list and each job it took say.')

export const Worker = z
  .object({
    id: z.string(),
    state: z
      .enum(['running', 'paused', 'stopping', 'silent'])
      .describe(
        '`paused`: it was told to fetch no more. `stopping`: it ends when its jobs have. `silent`: nothing was heard of it for 15 s; its jobs go to others.',
      ),
    host: z.string(),
    pid: z.int(),
    version: z.string().describe('Of its handlers.'),
    queues: z.array(z.string()).describe('Those it works on that you may see.'),
    slots: z.record(z.string(), z.int()).describe('Jobs it runs at once, by queue.'),
    concurrency: z.int().describe('The sum of the slots.'),
    running: z.int().describe('Jobs it runs now.'),
    active: z
      .array(z.object({ task_id: z.string(), queue: z.string(), name: z.string(), started_at: Instant }))
      .describe('What it runs, the longest first, a hundred at most; a beat old.'),
    started_at: Instant,
    last_seen_at: Instant,
    last_fetch_at: Instant.nullable(),
    rss_bytes: z.number(),
    event_loop_lag_ms: z.number().describe('By how much its timers were late, 99 of 100, since the beat before.'),
  })
  .meta({ id: 'Worker' })
export type Worker = z.output<typeof Worker>

export const WorkerPatience = z
  .strictObject({
    timeout_ms: z
      .int()
      .min(0)
      .max(3_600_000)
      .optional()
      .describe(
        'How long its jobs have to end: 30 s for a pause, `K1N_SHUTDOWN_GRACE_MS` for a shutdown unless given.',
      ),
  })
  .meta({ id: 'WorkerPatience' })

const params = z.object({ worker_id: WorkerId })
const turning = {
  method: 'POST',
  tags: ['workers'],
  scopes: ['workers:manage'],
  changes: { kind: 'worker', id: 'worker_id', asked: true },
  params,
  replies: { 202: Operation },
  problems: [WorkerMissing, WorkerEnded, ResourceForbidden],
} as const

export const workers = {
  list: endpoint({
    method: 'GET',
    path: '/workers',
    operationId: 'listWorkers',
    summary: 'List the worker processes of this installation, oldest first',
    tags: ['workers'],
    scopes: ['workers:read'],
    replies: { 200: z.object({ data: z.array(Worker) }).meta({ id: 'WorkerList' }) },
    problems: [],
  }),
  show: endpoint({
    method: 'GET',
    path: '/workers/:worker_id',
    operationId: 'getWorker',
    summary: 'Show one worker process',
    tags: ['workers'],
    scopes: ['workers:read'],
    params,
    replies: { 200: Worker },
    problems: [WorkerMissing],
  }),
  pause: endpoint({
    ...turning,
    path: '/workers/:worker_id/pause',
    operationId: 'pauseWorker',
    summary: 'Let it fetch no more jobs, as an operation that ends when those it runs have ended',
    body: WorkerPatience,
    bodyOptional: true,
  }),
  resume: endpoint({
    ...turning,
    path: '/workers/:worker_id/resume',
    operationId: 'resumeWorker',
    summary: 'Let it fetch jobs again, as an operation that ends when it does',
  }),
  shutdown: endpoint({
    ...turning,
    path: '/workers/:worker_id/shutdown',
    operationId: 'shutDownWorker',
    summary:
      'End it, as an operation that ends when it has; no other takes its place until the service is started again',
    body: WorkerPatience,
    bodyOptional: true,
  }),
}

const About = z.object({ worker_id: z.string(), queues: z.array(z.string()), host: z.string(), last_seen_at: Instant })
export const WorkerOnline = event('worker.online', 'worker:online', 'A worker process began to take jobs.', About)
export const WorkerOffline = event(
  'worker.offline',
  'worker:offline',
  'A worker process ended.',
  About.extend({
    exit: z
      .string()
      .describe('How it ended: `stopped`, `shut down`, `exit <code>`, `signal <name>`, `watchdog`, `out of memory`.'),
  }),
)
export const WorkerStalled = event(
  'worker.stalled',
  'worker:stalled',
  'Nothing was heard of a worker process for 15 s, and nobody saw it end.',
  About,
)
