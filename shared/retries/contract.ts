// Words of retries: how long to wait, what kinds of error there are, and what can be seen and steered of one job.
import { z } from 'zod'
import { endpoint } from '../kernel/endpoint.ts'
import { event } from '../kernel/event.ts'
import { problem } from '../kernel/problem.ts'
import { Attempt } from '../attempts/contract.ts'
import { BreakerState } from '../breakers/words.ts'
import { BackoffPolicy, ErrorClass } from './words.ts'
import { Instant, JobError, JobState, ReasonText, TaskParams, TaskQuery } from '../jobs/words.ts'
import { AmbiguousTaskId, JobMissing, JobNotInState, JobLocked } from '../jobs/problems.ts'

export const RetryState = z
  .object({
    task_id: z.string(),
    queue: z.string(),
    name: z.string(),
    state: JobState,
    attempts_made: z.int(),
    attempts_max: z.int(),
    strategy: BackoffPolicy,
    next_retry_at: Instant.nullable(),
    error_class: ErrorClass.nullable(),
    last_error: JobError.nullable(),
    history: z
      .array(Attempt.extend({ trace_id: z.string().nullable() }))
      .max(50)
      .describe('The newest 50, oldest first.'),
    circuit: z
      .object({ service: z.string(), state: BreakerState })
      .optional()
      .describe('The breaker of the service the job calls.'),
    asked: z
      .object({ by: z.string(), at: Instant, reason: z.string().nullable() })
      .nullable()
      .describe('Who asked last that it be tried again.'),
    dlq_id: z.string().optional(),
  })
  .meta({ id: 'RetryState' })

export const RetryRequest = z.strictObject({
  reset_attempts: z.boolean().default(false).describe('Start counting from the first attempt again.'),
  delay_ms: z.int().min(0).max(2_592_000_000).default(0),
  force: z
    .boolean()
    .default(false)
    .describe(
      'Try it although its circuit is open or its retry budget spent: this one attempt is let through, beside the probes, and without a delay it is made now, before all other jobs of its queue. A circuit that is forced open parks it all the same.',
    ),
  reason: ReasonText.optional(),
})

export const RetryAccepted = z
  .object({
    task_id: z.string(),
    queue: z.string(),
    state: JobState,
    attempt: z.int(),
    scheduled_for: Instant,
    circuit: z
      .object({ service: z.string(), state: BreakerState })
      .optional()
      .describe('The breaker of its service, where that is not closed. One that is `forced_open` parks the job.'),
  })
  .meta({ id: 'RetryAccepted' })

export const CircuitOpen = problem('circuit-open', 'conflict', "The service's circuit is open.")

export const retries = {
  show: endpoint({
    method: 'GET',
    path: '/error-recovery/retry/:task_id',
    aliases: ['/retry/:task_id'],
    operationId: 'getRetryState',
    summary: 'Show every attempt of a job and when it is tried next',
    tags: ['error-recovery'],
    scopes: ['recovery:read'],
    params: TaskParams,
    query: TaskQuery,
    replies: { 200: RetryState },
    problems: [JobMissing, AmbiguousTaskId],
  }),
  retry: endpoint({
    method: 'POST',
    path: '/error-recovery/retry/:task_id/retry',
    aliases: ['/retry/:task_id/execute'],
    operationId: 'retryTask',
    changes: { kind: 'job', id: 'id', shownBy: 'getJob', adds: 'again' },
    summary: 'Try a job again now or after a delay',
    tags: ['error-recovery'],
    scopes: ['recovery:write'],
    idempotency: 'optional',
    params: TaskParams,
    query: TaskQuery,
    body: RetryRequest,
    bodyOptional: true,
    replies: { 202: RetryAccepted },
    problems: [JobMissing, AmbiguousTaskId, JobNotInState, JobLocked, CircuitOpen],
  }),
}

const EventError = JobError.omit({ stack: true })

export const RetryAttempt = event(
  'error_recovery.retry_attempt',
  'retry:attempt',
  'An attempt failed and the job will be tried again.',
  z.object({
    task_id: z.string(),
    queue: z.string(),
    name: z.string(),
    attempt: z.int(),
    max_attempts: z.int(),
    strategy: z.string(),
    delay_ms: z.number(),
    next_retry_at: Instant,
    error: EventError,
    will_retry: z.boolean(),
    worker_id: z.string().nullable(),
    priority: z.int(),
    wait_ms: z.number(),
    started_at: Instant.nullable(),
    finished_at: Instant,
  }),
)
export const RetryExhausted = event(
  'error_recovery.retry_exhausted',
  'retry:exhausted',
  'The last attempt failed, or the error made another one pointless.',
  z.object({
    task_id: z.string(),
    queue: z.string(),
    name: z.string(),
    attempts: z.int(),
    error: EventError,
    dlq_id: z.string(),
  }),
)
export const RetrySucceeded = event(
  'error_recovery.retry_succeeded',
  'retry:succeeded',
  'A job that had failed before completed.',
  z.object({ task_id: z.string(), queue: z.string(), attempts: z.int(), duration_ms: z.number() }),
)
