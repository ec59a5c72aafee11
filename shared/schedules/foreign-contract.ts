// Words of job schedulers that other services made with BullMQ, and the endpoints.
import { z } from 'zod'
import { UnknownJobName } from '../jobs/problems.ts'
import { Instant, QueueName } from '../jobs/words.ts'
import { endpoint } from '../kernel/endpoint.ts'
import { many } from '../kernel/page.ts'
import { problem } from '../kernel/problem.ts'
import { Schedule, TooManySchedules } from './contract.ts'
import { TimeTrigger } from './words.ts'

export const ForeignMissing = problem('foreign-scheduler-not-found', 'missing', 'There is no such job scheduler.')
export const CannotAdopt = problem('cannot-adopt', 'conflict', 'The job scheduler cannot be adopted.')

export const ForeignScheduler = z
  .object({
    queue: z.string(),
    scheduler_id: z.string(),
    job_name: z.string().nullable(),
    trigger: TimeTrigger.nullable().describe('Its times as a schedule says them; null where that cannot be said.'),
    description: z.string().nullable().describe('The trigger in words.'),
    timezone: z.string().nullable().describe('Null: that of the machine its workers run on.'),
    next_run_at: Instant.nullable(),
    runs: z.int().describe('Jobs it has made, the next one included.'),
    adoptable: z.boolean(),
    why_not: z.string().nullable().describe('Why it cannot be adopted.'),
  })
  .meta({ id: 'ForeignScheduler' })
export type ForeignScheduler = z.output<typeof ForeignScheduler>

export const ForeignSchedulers = z
  .object({
    data: z.array(ForeignScheduler),
    truncated: z.boolean().describe('Whether there are more than these; name a queue to see its own.'),
  })
  .meta({ id: 'ForeignSchedulers' })
export type ForeignSchedulers = z.output<typeof ForeignSchedulers>

export const foreignSchedulers = {
  foreign: endpoint({
    method: 'GET',
    path: '/scheduler/foreign',
    operationId: 'listForeignSchedulers',
    summary: 'List the job schedulers that other services made with BullMQ',
    description: 'They are only read. At most 500 are listed, queue by queue.',
    tags: ['scheduler'],
    scopes: ['schedules:read'],
    query: z.strictObject({ queue: many(QueueName) }),
    replies: { 200: ForeignSchedulers },
    problems: [],
  }),
  adopt: endpoint({
    method: 'POST',
    path: '/scheduler/foreign/:queue/:scheduler_id/adopt',
    operationId: 'adoptScheduler',
    changes: { kind: 'schedule', id: 'id' },
    summary: 'Make a job scheduler of another service a schedule, and remove it from BullMQ',
    description:
      'Each of its times comes once: by BullMQ until then, by the schedule from then on. May be asked again, also after it was cut ' +
      'off half-way. The service that made it must not make it again when it starts.',
    tags: ['scheduler'],
    scopes: ['schedules:write'],
    etag: true,
    params: z.object({ queue: QueueName, scheduler_id: z.string().min(1).max(512) }),
    replies: { 201: Schedule, 200: Schedule },
    problems: [ForeignMissing, CannotAdopt, UnknownJobName, TooManySchedules],
  }),
}
