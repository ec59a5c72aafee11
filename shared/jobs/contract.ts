// Words of jobs: the resource, what a producer sends, and the endpoints.
import { z } from 'zod'
import { endpoint } from '../kernel/endpoint.ts'
import type { Adds } from '../kernel/endpoint.ts'
import { listOf, many, pageQuery } from '../kernel/page.ts'
import { InvalidCursor } from '../kernel/problems.ts'
import { BackoffOverride, BackoffPolicy, ErrorClass } from '../retries/words.ts'
import { Attempt } from '../attempts/contract.ts'
import { Holding } from '../explain/words.ts'
import {
  AmbiguousTaskId,
  HasPendingChildren,
  JobExists,
  JobLocked,
  JobMissing,
  JobNotInState,
  QueueFull,
  SchedulerOwned,
  UnknownJobName,
} from './problems.ts'
import { JobsSearch, JobsSearched } from './search-words.ts'
import { Instant, JobError, JobState, QueueName, ReasonText, TaskParams, TaskQuery, cleanText } from './words.ts'

/** Named priorities; any integer between is allowed. 0 means none and shows as normal. */
export const PRIORITIES = { critical: 1, high: 10, normal: 100, low: 1000 } as const
export type PriorityName = keyof typeof PRIORITIES

export const JobName = cleanText(1, 128)
  .regex(/^[A-Za-z0-9_\-.:/ ]+$/, 'must be letters, digits, spaces and _ - . : /')
  .meta({ examples: ['http.request'] })

export const Job = z
  .object({
    id: z.string().describe('The address: `{queue}:{job id}`.'),
    queue: z.string(),
    name: z.string(),
    state: JobState,
    data: z.unknown().optional().describe('Left out of lists; `{"redacted":true}` without the scope `jobs:data`.'),
    result: z.unknown().optional(),
    error: JobError.optional(),
    progress: z.unknown().describe('A number, an object or null.'),
    priority: z.int(),
    priority_name: z.enum(['critical', 'high', 'normal', 'low']),
    delay_ms: z.number(),
    attempts_made: z.int(),
    attempts_max: z.int(),
    backoff: BackoffPolicy.nullable(),
    created_at: Instant,
    run_at: Instant.nullable().describe('When a delayed or parked job may run; null for one that waits in its queue.'),
    expires_at: Instant.nullable().default(null).describe('By when it must have started; null for whenever.'),
    parked: Holding.nullable().default(null).describe('What a parked job waits for.'),
    processed_at: Instant.nullable(),
    finished_at: Instant.nullable(),
    worker_id: z.string().nullable(),
    parent: z.object({ queue: z.string(), id: z.string() }).nullable(),
    dedup_id: z.string().nullable(),
    tags: z.array(z.string()),
    metadata: z.record(z.string(), z.string()),
    service: z.string().nullable(),
    dlq_id: z.string().nullable(),
    known: z.boolean().describe('Whether this installation has a handler for the name.'),
    why: z.string().describe('One sentence: why the job is in this state and what happens next.'),
    trace: z.object({ traceparent: z.string().optional() }),
    version: z.number().describe('Grows with every change; an older one never replaces a newer one.'),
    links: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Job' })
export type Job = z.output<typeof Job>

export const JobTree = z
  .object({
    data: z
      .array(
        z.object({
          id: z.string(),
          parent: z.string().nullable().describe('The job above it here; null for the root.'),
          depth: z.int().describe('0 for the root.'),
          name: z.string().nullable().describe('Null where the job is gone.'),
          state: JobState.nullable(),
          created_at: Instant.nullable(),
          finished_at: Instant.nullable(),
          children: z.int().describe('How many it has, also those that are not told.'),
        }),
      )
      .describe('Each right before those below it.'),
    truncated: z.boolean().describe('There is more below than was told: further down, or more than 200 jobs.'),
  })
  .meta({ id: 'JobTree' })
export type JobTree = z.output<typeof JobTree>

export const JobOptions = z.strictObject({
  priority: z
    .union([z.int().min(0).max(2_097_151), z.enum(['critical', 'high', 'normal', 'low'])])
    .optional()
    .describe('critical 1, high 10, normal 100, low 1000, or a number; smaller runs first.'),
  delay_ms: z.int().min(0).max(31_536_000_000).optional(),
  run_at: z.iso.datetime({ offset: true }).optional().describe('Instead of `delay_ms`.'),
  attempts: z.int().min(1).max(50).optional(),
  backoff: BackoffOverride.optional(),
  ttl_ms: z
    .int()
    .min(1)
    .max(31_536_000_000)
    .optional()
    .describe('How long it may wait for its first start; then it ends as `expired`. Names in the catalog only.'),
  expires_at: z.iso.datetime({ offset: true }).optional().describe('Instead of `ttl_ms`.'),
  timeout_ms: z
    .int()
    .min(1)
    .max(86_400_000)
    .optional()
    .describe('How long one attempt may run; then its signal fires.'),
  grace_ms: z
    .int()
    .min(0)
    .max(60_000)
    .optional()
    .describe('How long it then has to end by itself before it is given up, and tried again where it may be.'),
  lifo: z.boolean().optional(),
  dedup: z
    .strictObject({
      id: cleanText(1, 128),
      ttl_ms: z.int().min(1).max(2_592_000_000).optional(),
      mode: z.enum(['simple', 'extend', 'replace', 'keep_last']).default('simple'),
    })
    .optional()
    .describe('Jobs with one `id` become one; the kept job is answered with status 200.'),
  remove_on_complete: z.boolean().optional(),
})

export const JobInput = z
  .strictObject({
    name: JobName,
    queue: QueueName.optional().describe(
      "May be left out for names in the catalog; any other name's queue must exist.",
    ),
    data: z.record(z.string(), z.unknown()).optional(),
    id: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,128}$/, 'must be 1 to 128 of letters, digits and _ . -')
      .optional()
      .describe('An id of your own; stored as `t_<id>`.'),
    options: JobOptions.optional(),
    service: cleanText(1, 128).optional(),
    tags: z.array(cleanText(1, 64)).max(20).optional(),
    metadata: z.record(cleanText(1, 64), cleanText(0, 512)).optional(),
  })
  .refine((job) => job.options?.delay_ms === undefined || job.options.run_at === undefined, {
    path: ['options', 'run_at'],
    message: 'cannot be given together with delay_ms',
  })
  .refine((job) => job.options?.ttl_ms === undefined || job.options.expires_at === undefined, {
    path: ['options', 'expires_at'],
    message: 'cannot be given together with ttl_ms',
  })
  .meta({ id: 'JobInput' })
export type JobInput = z.output<typeof JobInput>

export const JobCreated = Job.extend({ deduplicated_of: z.string().optional() }).meta({ id: 'JobCreated' })

export const BulkItem = z
  .object({
    index: z.int(),
    status: z.int(),
    task_id: z.string().optional(),
    problem: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'BulkItem' })

type Range<Name extends string> = Record<`${Name}[gte]` | `${Name}[lt]`, z.ZodOptional<z.ZodISODateTime>>
const range = <Name extends string>(name: Name): Range<Name> =>
  ({
    [`${name}[gte]`]: z.iso.datetime({ offset: true }).optional(),
    [`${name}[lt]`]: z.iso.datetime({ offset: true }).optional(),
  }) as Range<Name>

export const JobsQuery = z.strictObject({
  ...pageQuery,
  queue: many(QueueName).describe('Names of queues, or globs with `*`.'),
  name: many(cleanText(1, 128)),
  state: many(JobState),
  error_class: many(ErrorClass),
  tag: many(cleanText(1, 64)).describe('Jobs with one of these tags.'),
  service: many(cleanText(1, 128)).describe('Jobs that call one of these services.'),
  q: cleanText(1, 200).optional().describe('Part of an id, a name or an error message.'),
  sort: z.enum(['-created_at', '-finished_at']).default('-created_at'),
  ...range('created_at'),
  ...range('finished_at'),
})

export const JobPatch = z
  .strictObject({
    priority: JobOptions.shape.priority,
    delay_ms: JobOptions.shape.delay_ms.describe('From now on, for a delayed job; 0 runs it now.'),
    run_at: JobOptions.shape.run_at,
  })
  .refine((patch) => patch.delay_ms === undefined || patch.run_at === undefined, {
    path: ['run_at'],
    message: 'cannot be given together with delay_ms',
  })
  .refine((patch) => Object.values(patch).some((value) => value !== undefined), {
    message: 'must name what to change: priority, delay_ms or run_at',
  })
  .meta({ id: 'JobPatch' })
export type JobPatch = z.output<typeof JobPatch>

export const CloneRequest = z.strictObject({
  priority: JobOptions.shape.priority.describe('That of the other one unless given.'),
  delay_ms: z.int().min(0).max(31_536_000_000).default(0),
})
export type CloneRequest = z.output<typeof CloneRequest>

export const LogLine = z.object({ index: z.int(), line: z.string() }).meta({ id: 'LogLine' })

const JobList = listOf(Job).extend({ searched: JobsSearched }).meta({ id: 'JobList' })

const job = { tags: ['jobs'], params: TaskParams, query: TaskQuery } as const
const found = [JobMissing, AmbiguousTaskId] as const

/** What may wait is refused first, when room gets scarce; a request for many by the most urgent of them. */
const addsOf = ({ options }: JobInput): Adds => {
  const priority = options?.priority ?? 0
  return (typeof priority === 'string' ? PRIORITIES[priority] : priority) >= PRIORITIES.low ? 'low' : 'new'
}
const addsOfAll = (body: { jobs: JobInput[] }): Adds =>
  body.jobs.every((job) => addsOf(job) === 'low') ? 'low' : 'new'

export const jobs = {
  create: endpoint({
    method: 'POST',
    path: '/jobs',
    operationId: 'createJob',
    changes: { kind: 'job', id: 'id', statuses: [201], log: 'work', adds: (body) => addsOf(body as JobInput) },
    summary: 'Enqueue a job',
    tags: ['jobs'],
    scopes: ['jobs:write'],
    idempotency: 'optional',
    bodyLimit: 262_144,
    body: JobInput,
    replies: { 201: JobCreated, 200: JobCreated },
    problems: [UnknownJobName, JobExists, QueueFull],
  }),
  createMany: endpoint({
    method: 'POST',
    path: '/jobs/bulk',
    operationId: 'createJobs',
    cost: { items: 'jobs', perUnit: 10 },
    changes: { kind: 'job', id: null, log: 'work', adds: (body) => addsOfAll(body as { jobs: JobInput[] }) },
    summary: 'Enqueue up to 1,000 jobs',
    description:
      'Validation is all or nothing unless `atomic` is false; adding is per item with one result each, in input order.',
    tags: ['jobs'],
    scopes: ['jobs:write'],
    idempotency: 'optional',
    bodyLimit: 1_048_576,
    body: z.strictObject({ jobs: z.array(JobInput).min(1).max(1_000), atomic: z.boolean().default(true) }),
    replies: {
      201: z
        .object({
          results: z.array(BulkItem),
          summary: z.object({ total: z.int(), succeeded: z.int(), failed: z.int() }),
        })
        .meta({ id: 'BulkResult' }),
    },
    problems: [UnknownJobName, QueueFull],
  }),
  list: endpoint({
    method: 'GET',
    path: '/jobs',
    operationId: 'listJobs',
    summary: 'List jobs, newest first',
    description:
      'Without `state` by when they were made, as far back as the newest 100,000. With `state`, jobs that are not done come first (active, waiting, prioritized; the newest first within a stretch of each queue), then all others by the time that matters: a delayed job by when it is due, an ended one by when it ended. `sort=-finished_at` lists ended jobs by when they ended. A call looks at a bounded number of jobs: `searched` says at how many, and while `has_more` is true the cursor leads on, also from a page that is empty.',
    tags: ['jobs'],
    scopes: ['jobs:read'],
    query: JobsQuery,
    replies: { 200: JobList },
    problems: [],
  }),
  search: endpoint({
    method: 'POST',
    path: '/jobs/search',
    operationId: 'searchJobs',
    changes: 'nothing',
    summary: 'Search jobs by a tree of terms',
    description:
      'Finds the jobs that `where` means, along the same ways and with the same limits as the list. Fields: `id`, `queue` (globs with `*`), `name`, `state`, `tag`, `service`, `error_class`, `created_at`, `finished_at`, `text` (ids, names and error messages), and `data.` with a path into the payload that a kind declares as `indexed` or `K1N_SEARCH_PATHS` names; the latter needs the scope `jobs:data`. `ne` and `not_in` also hold where there is nothing. Page on by the cursor with the same `where` and `sort`, also from a page that is empty: `searched` says how far the look went and what ended it.',
    tags: ['jobs'],
    scopes: ['jobs:read'],
    cost: 2,
    body: JobsSearch,
    replies: { 200: JobList },
    problems: [InvalidCursor],
  }),
  show: endpoint({
    ...job,
    method: 'GET',
    path: '/jobs/:task_id',
    operationId: 'getJob',
    summary: 'Show one job',
    scopes: ['jobs:read'],
    replies: { 200: Job },
    problems: found,
  }),
  attempts: endpoint({
    ...job,
    method: 'GET',
    path: '/jobs/:task_id/attempts',
    operationId: 'listAttempts',
    summary: 'Show every attempt of a job',
    scopes: ['jobs:read'],
    replies: { 200: z.object({ data: z.array(Attempt) }).meta({ id: 'AttemptList' }) },
    problems: found,
  }),
  tree: endpoint({
    ...job,
    method: 'GET',
    path: '/jobs/:task_id/tree',
    operationId: 'getJobTree',
    summary: 'Show the jobs below a job: its children, theirs, and so on, at most 200 in all',
    description: 'Children in queues that the caller may not see are counted and not told.',
    scopes: ['jobs:read'],
    query: TaskQuery.extend({
      depth: z.coerce.number<number>().int().min(1).max(5).default(5).describe('How many generations.'),
    }),
    replies: { 200: JobTree },
    problems: found,
  }),
  logs: endpoint({
    ...job,
    method: 'GET',
    path: '/jobs/:task_id/logs',
    operationId: 'listJobLogs',
    summary: 'Read the lines a job logged',
    scopes: ['jobs:data'],
    query: TaskQuery.extend({
      limit: z.coerce.number<number>().int().min(1).max(1_000).default(200),
      from: z.coerce.number<number>().int().min(0).default(0).describe('Index of the first line.'),
    }),
    replies: { 200: z.object({ data: z.array(LogLine), total: z.int() }).meta({ id: 'LogList' }) },
    problems: found,
  }),
  result: endpoint({
    ...job,
    method: 'GET',
    path: '/jobs/:task_id/result',
    operationId: 'getJobResult',
    summary: 'Read the result, waiting for it for a while if asked',
    scopes: ['jobs:data'],
    stays: (query) => (query as { wait: number }).wait > 0,
    query: TaskQuery.extend({ wait: z.coerce.number<number>().int().min(0).max(25).default(0).describe('Seconds.') }),
    replies: {
      200: z
        .object({ state: JobState, result: z.unknown().optional(), error: JobError.optional() })
        .meta({ id: 'JobResult' }),
      202: z.object({ state: JobState }).meta({ id: 'JobPending' }),
    },
    problems: found,
  }),
  cancel: endpoint({
    ...job,
    method: 'POST',
    path: '/jobs/:task_id/cancel',
    operationId: 'cancelJob',
    changes: { kind: 'job', id: 'id', shownBy: 'getJob' },
    summary: 'Cancel a job; one that runs is told through its signal',
    scopes: ['jobs:manage'],
    idempotency: 'optional',
    body: z.strictObject({
      reason: ReasonText.optional(),
      force_after_ms: z
        .int()
        .min(0)
        .max(60_000)
        .optional()
        .describe('How long one that runs has to end by itself before it is given up; its own grace unless given.'),
    }),
    bodyOptional: true,
    replies: { 200: Job, 202: Job },
    problems: [...found, JobNotInState, JobLocked, HasPendingChildren, SchedulerOwned],
  }),
  promote: endpoint({
    ...job,
    method: 'POST',
    path: '/jobs/:task_id/promote',
    operationId: 'promoteJob',
    changes: { kind: 'job', id: 'id', shownBy: 'getJob' },
    summary: 'Run a delayed job now',
    scopes: ['jobs:manage'],
    idempotency: 'optional',
    replies: { 200: Job },
    problems: [...found, JobNotInState],
  }),
  retry: endpoint({
    ...job,
    method: 'POST',
    path: '/jobs/:task_id/retry',
    operationId: 'retryJob',
    changes: { kind: 'job', id: 'id', shownBy: 'getJob', adds: 'again' },
    summary: 'Try a failed, completed or delayed job again now',
    scopes: ['jobs:manage'],
    idempotency: 'optional',
    replies: { 202: Job },
    problems: [...found, JobNotInState, JobLocked],
  }),
  skip: endpoint({
    ...job,
    method: 'POST',
    path: '/jobs/:task_id/skip',
    operationId: 'skipJob',
    changes: { kind: 'job', id: 'id', shownBy: 'getJob' },
    summary: 'Skip a job: it will not run, and what waits for it goes on without',
    description:
      'For jobs that wait, are delayed, wait for children, or failed. The job leaves its queue; a record of it is kept for 7 days, in the state `skipped`. Children of a skipped job are left as they are.',
    scopes: ['jobs:manage'],
    idempotency: 'optional',
    body: z.strictObject({ reason: ReasonText.optional() }),
    bodyOptional: true,
    replies: { 200: Job },
    problems: [...found, JobNotInState, JobLocked, SchedulerOwned],
  }),
  clone: endpoint({
    ...job,
    method: 'POST',
    path: '/jobs/:task_id/clone',
    operationId: 'cloneJob',
    changes: { kind: 'job', id: 'id', log: 'work' },
    summary: 'Enqueue a new job like this one',
    scopes: ['jobs:write'],
    idempotency: 'optional',
    body: CloneRequest,
    bodyOptional: true,
    replies: { 201: Job },
    problems: [...found, UnknownJobName, QueueFull],
  }),
  change: endpoint({
    ...job,
    method: 'PATCH',
    path: '/jobs/:task_id',
    operationId: 'changeJob',
    changes: { kind: 'job', id: 'id', shownBy: 'getJob' },
    summary: 'Give a job that has not started another priority or time',
    scopes: ['jobs:manage'],
    body: JobPatch,
    replies: { 200: Job },
    problems: [...found, JobNotInState, SchedulerOwned],
  }),
  remove: endpoint({
    ...job,
    method: 'DELETE',
    path: '/jobs/:task_id',
    operationId: 'deleteJob',
    changes: { kind: 'job', id: 'id', shownBy: 'getJob' },
    summary: 'Remove a job as if it had never been; one that runs cannot be',
    scopes: ['jobs:manage'],
    replies: { 204: null },
    problems: [...found, JobNotInState, JobLocked, SchedulerOwned],
  }),
}
