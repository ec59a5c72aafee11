// Actions on all jobs that a filter means.
import { z } from 'zod'
import { endpoint, unlessDry } from '../kernel/endpoint.ts'
import { Operation, PacePerS } from '../operations/words.ts'
import { ErrorClass } from '../retries/words.ts'
import { RetryRequest } from '../retries/contract.ts'
import { JobState, QueueName, ReasonText, cleanText } from '../jobs/words.ts'

const some = <Schema extends z.ZodType>(schema: Schema) => z.array(schema).min(1).max(50).optional()
const range = z
  .strictObject({ gte: z.iso.datetime({ offset: true }).optional(), lt: z.iso.datetime({ offset: true }).optional() })
  .optional()

/** What `GET /jobs` can ask for. All that is given must hold; of a list one. */
export const JobFilter = z
  .strictObject({
    queue: some(QueueName).describe("All but k1n's own, whose names begin with `k1n-`, unless given."),
    name: some(cleanText(1, 128)),
    state: some(JobState).describe('Those that the action can be done to, unless given; for `retry` failed ones.'),
    error_class: some(ErrorClass),
    tag: some(cleanText(1, 64)),
    service: some(cleanText(1, 128)),
    q: cleanText(1, 200).optional().describe('Part of an id, a name or an error message.'),
    created_at: range,
    finished_at: range,
  })
  .meta({ id: 'JobFilter' })
export type JobFilter = z.output<typeof JobFilter>

export const ACTIONS = ['cancel', 'retry', 'promote', 'delete', 'skip'] as const
export type JobAction = (typeof ACTIONS)[number]

const LINES = ['waiting', 'prioritized', 'delayed', 'parked'] as const
/** Jobs that an action can be done to. */
export const CAN_BE: Readonly<Record<JobAction, readonly JobState[]>> = {
  cancel: [...LINES, 'active'],
  retry: ['failed', 'completed', 'cancelled', 'delayed', 'parked'],
  promote: ['delayed', 'parked'],
  delete: [...LINES, 'waiting_children', 'completed', 'failed', 'cancelled', 'skipped'],
  skip: [...LINES, 'failed', 'waiting_children'],
}
/** Jobs that are meant when the filter names no states. */
export const statesMeant = (action: JobAction, { state }: JobFilter): readonly JobState[] =>
  state ?? (action === 'retry' ? ['failed'] : CAN_BE[action])

const shape = {
  filter: JobFilter,
  limit: z.int().min(1).max(100_000).default(100_000).describe('At most so many of those that match.'),
  reason: ReasonText.optional(),
}
/** What an operation remembers of the request. */
export const ActionParams = z.strictObject({
  ...shape,
  reset_attempts: RetryRequest.shape.reset_attempts,
  delay_ms: RetryRequest.shape.delay_ms,
})
export type ActionParams = z.output<typeof ActionParams>

const request = {
  ...shape,
  all: z.literal(true).optional().describe('Needed with an empty filter.'),
  rate_per_s: PacePerS.optional(),
  dry_run: z.boolean().default(false).describe('Only tells what it would be about.'),
}

/** Leaving the filter empty by mistake must not mean all, and states that the action cannot be done to are a mistake. */
const checked =
  (action: JobAction) =>
  ({ value, issues }: z.core.ParsePayload<{ filter: JobFilter; all?: true | undefined }>): void => {
    const { filter, all } = value
    if (all !== true && Object.values(filter).every((part) => part === undefined))
      issues.push({
        ...{ code: 'custom', path: ['filter'], input: filter },
        message: 'is empty; say `"all": true` to mean all jobs',
      })
    filter.state?.forEach((state, at) => {
      if (!CAN_BE[action].includes(state))
        issues.push({
          ...{ code: 'custom', path: ['filter', 'state', at], input: state },
          message: `must be a state that ${action} can be done to: ${CAN_BE[action].join(', ')}`,
        })
    })
  }

export const ActionPreview = z
  .object({
    matched: z.int(),
    complete: z.boolean().describe('False when there may be more; counting stops after two seconds.'),
    sample: z
      .array(z.object({ task_id: z.string(), queue: z.string(), name: z.string(), state: JobState }))
      .max(10)
      .describe('The first of them.'),
  })
  .meta({ id: 'JobActionPreview' })
export type ActionPreview = z.output<typeof ActionPreview>

/** Those that end jobs make room. */
const ADDING: ReadonlySet<JobAction> = new Set<JobAction>(['retry', 'promote'])

const row = <Body extends z.ZodType>(action: JobAction, body: Body, what: string) =>
  endpoint({
    method: 'POST',
    path: `/jobs/actions/${action}`,
    operationId: `${action}Jobs`,
    changes: {
      kind: 'operation',
      id: 'id',
      asked: true,
      statuses: [202],
      ...(ADDING.has(action) ? { adds: unlessDry('new') } : {}),
    },
    summary: what,
    description:
      'The jobs are chosen before the first is touched: what comes later is left alone, and so is one that ended again since. `dry_run` answers 200 with what matches; else the work goes on as an operation.',
    tags: ['jobs'],
    scopes: [action === 'delete' ? 'queues:admin' : 'jobs:manage'],
    idempotency: 'optional',
    body,
    replies: { 200: ActionPreview, 202: Operation },
    problems: [],
  })

const plain = (action: JobAction) => z.strictObject(request).check(checked(action))
const RetryAll = z
  .strictObject({
    ...request,
    reset_attempts: RetryRequest.shape.reset_attempts,
    delay_ms: RetryRequest.shape.delay_ms,
  })
  .check(checked('retry'))

export const jobActions = {
  cancelAll: row('cancel', plain('cancel'), 'Cancel all jobs that match; those that run are told to stop'),
  retryAll: row('retry', RetryAll, 'Try all jobs that match again'),
  promoteAll: row('promote', plain('promote'), 'Run all delayed jobs that match now'),
  deleteAll: row('delete', plain('delete'), 'Remove all jobs that match, as if they had never been'),
  skipAll: row('skip', plain('skip'), 'Skip all jobs that match; what waits for them goes on'),
}
/** A request for any of them. */
export type ActionRequest = z.output<typeof RetryAll> | z.output<ReturnType<typeof plain>>
