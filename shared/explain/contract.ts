// The endpoint that says why a job is not running, or that it runs, or how it ended.
import { z } from 'zod'
import { AmbiguousTaskId, JobMissing } from '../jobs/problems.ts'
import { Instant, JobState, TaskParams, TaskQuery } from '../jobs/words.ts'
import { endpoint } from '../kernel/endpoint.ts'
import { Estimate, Reason } from './words.ts'

export const Explanation = Reason.extend({
  task_id: z.string(),
  queue: z.string(),
  name: z.string().nullable().describe('Null for a job that was removed.'),
  state: JobState,
  is: z.enum(['waiting', 'running', 'ended']).describe('`waiting`: it does not run and has not ended.'),
  estimate: Estimate.nullable().describe('When it will run; null for what runs or has ended.'),
  further: z.array(Reason).describe('What else stands in the way, or will once the first reason is gone, in order.'),
  at: Instant.describe('When this was so.'),
}).meta({ id: 'Explanation' })
export type Explanation = z.output<typeof Explanation>

export const explain = {
  show: endpoint({
    method: 'GET',
    path: '/jobs/:task_id/explain',
    operationId: 'explainJob',
    summary: 'Say why a job is not running',
    description:
      'Names the one real reason, with the figures it was decided by, when the job will run and how sure that is, and what else stands in the way behind it. Also says that a job runs, and how one ended.',
    tags: ['jobs'],
    scopes: ['jobs:read'],
    params: TaskParams,
    query: TaskQuery,
    replies: { 200: Explanation },
    problems: [JobMissing, AmbiguousTaskId],
  }),
}
