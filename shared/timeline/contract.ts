// Words of the timeline: attempts as spans, many at once, in columns.
import { z } from 'zod'
import { endpoint } from '../kernel/endpoint.ts'
import { Instant, QueueName, cleanText } from '../jobs/words.ts'
import { problem } from '../kernel/problem.ts'

/** What a span can be. `failed` is a dead letter, `retrying` a failed attempt that will be tried again. */
export const SPAN_STATES = ['running', 'completed', 'retrying', 'failed', 'cancelled', 'stalled', 'held'] as const
export type SpanState = (typeof SPAN_STATES)[number]

/** One attempt as a live row; keyed `{queue}:{id}#{attempt}`. Times are epoch milliseconds. */
export const SpanRow = z
  .object({
    queue: z.string(),
    id: z.string(),
    name: z.string(),
    worker: z.string(),
    start: z.number(),
    wait: z.number(),
    run: z.number().describe('-1 while it runs.'),
    state: z.enum(SPAN_STATES),
    priority: z.int().min(0).max(3),
    attempt: z.int().min(1),
    backoff: z.number(),
  })
  .meta({ id: 'SpanRow' })
export type SpanRow = z.output<typeof SpanRow>

const indices = z.array(z.int().min(0))
const numbers = z.array(z.number())

/** Attempts that touch the window, sorted by start, in columns; see each member for its unit. */
export const SpanColumns = z
  .object({
    from: z.number(),
    to: z.number(),
    base: z.number().describe('Epoch ms the first start is relative to.'),
    queues: z.array(z.string()),
    names: z.array(z.string()),
    services: z
      .array(z.string())
      .describe(
        'One for each of `names`: the service that jobs of this name call; empty for none, or not always the same.',
      ),
    workers: z.array(z.string()),
    queue: indices,
    name: indices,
    worker: indices,
    id: z.array(z.string()).describe('Job ids; with the queue they make the address.'),
    start: numbers.describe('Ms since the previous start (the first: since base).'),
    wait: numbers,
    run: numbers.describe('Ms; -1 while it runs.'),
    state: indices.describe('Index into: running, completed, retrying, failed, cancelled, stalled, held.'),
    priority: indices.describe('0 low, 1 normal, 2 high, 3 critical.'),
    attempt: z.array(z.int()),
    backoff: numbers.describe('Ms until the next attempt; 0 for none.'),
    cursor: z.string().describe('Where the live stream goes on.'),
    truncated: z.boolean().describe('True when the window holds more than the limit; the newest are given.'),
  })
  .meta({ id: 'SpanColumns' })
export type SpanColumns = z.output<typeof SpanColumns>

/** What happened beside the runs, to be drawn under them. */
export const MARK_KINDS = ['breaker', 'schedule', 'change', 'note'] as const
export const TimelineMark = z
  .object({
    at: z.number().describe('Epoch ms.'),
    kind: z
      .enum(MARK_KINDS)
      .describe('`breaker` went to another state, `schedule` set jobs off, `change` of a setting, `note` of a person.'),
    text: z.string().describe('A few words.'),
    about: z
      .string()
      .describe('The service, the schedule, or the kind and id of what was changed; the author of a note.'),
    id: z.string().nullable().describe('The id of a note; null for the others.'),
    count: z
      .int()
      .min(1)
      .describe('So many alike at once: fires of schedules within one 240th of the window are told together.'),
  })
  .meta({ id: 'TimelineMark' })
export type TimelineMark = z.output<typeof TimelineMark>

export const TimelineMarks = z
  .object({
    marks: z.array(TimelineMark).max(500).describe('By time; of more than fit the newest of each kind.'),
    truncated: z.boolean().describe('True when there were more than are told.'),
    left_out: z
      .array(z.enum(MARK_KINDS))
      .describe(
        'Kinds the caller may not see: breakers need `recovery:read`, schedules `schedules:read`, changes `audit:read` and all queues, notes all queues.',
      ),
  })
  .meta({ id: 'TimelineMarks' })
export type TimelineMarks = z.output<typeof TimelineMarks>

export const Annotation = z
  .object({
    id: z.string(),
    at: Instant,
    text: z.string(),
    author: z.string().describe('The name of the key it was written with.'),
  })
  .meta({ id: 'Annotation' })
export type Annotation = z.output<typeof Annotation>
export const AnnotationMissing = problem('annotation-not-found', 'missing', 'There is no such annotation.')

const counts = z.array(z.int().min(0))

/** Runs that ended, counted in columns of time; what is told where they are too many, or too old, to be told one by one. */
export const TimelineCells = z
  .object({
    from: Instant,
    to: Instant,
    step_ms: z.int().describe('Width of a cell.'),
    queues: z.array(z.string()),
    queue: counts.describe('Of each cell, an index into `queues`; cells in which nothing ended are left out.'),
    at: z.array(z.number()).describe('When each cell begins, epoch ms.'),
    all: counts.describe('Attempts that ended in it.'),
    failed: counts.describe('Those that became dead letters.'),
    retrying: counts.describe('Those that will be tried again.'),
    truncated: z.boolean().describe('True when the window begins earlier than figures are kept.'),
  })
  .meta({ id: 'TimelineCells' })
export type TimelineCells = z.output<typeof TimelineCells>

const window = {
  from: z.iso.datetime({ offset: true }).optional().describe('An hour before `to` unless given.'),
  to: z.iso.datetime({ offset: true }).optional().describe('Now unless given.'),
}
const queues = z.preprocess(
  (value) => (value === undefined || Array.isArray(value) ? value : [value]),
  z.array(QueueName).max(100).optional(),
)

export const timeline = {
  spans: endpoint({
    method: 'GET',
    path: '/timeline/spans',
    operationId: 'listSpans',
    summary: 'Attempts of a time window, in columns',
    tags: ['timeline'],
    scopes: ['jobs:read'],
    query: z.strictObject({
      ...window,
      queue: queues,
      limit: z.coerce.number<number>().int().min(1).max(200_000).default(100_000),
    }),
    replies: { 200: SpanColumns },
    problems: [],
  }),
  cells: endpoint({
    method: 'GET',
    path: '/timeline/cells',
    operationId: 'listCells',
    summary: 'Attempts of a time window, counted',
    description:
      'By queue, in steps as wide as those of `/stats/timeseries` for the same window. Kept 90 days, where the attempts themselves are kept one.',
    tags: ['timeline'],
    scopes: ['jobs:read'],
    query: z.strictObject({ ...window, queue: queues }),
    replies: { 200: TimelineCells },
    problems: [],
  }),
  marks: endpoint({
    method: 'GET',
    path: '/timeline/marks',
    operationId: 'listMarks',
    summary: 'What happened beside the runs: breakers, schedules, changes, notes',
    tags: ['timeline'],
    scopes: ['jobs:read'],
    query: z.strictObject(window),
    replies: { 200: TimelineMarks },
    problems: [],
  }),
  annotations: endpoint({
    method: 'GET',
    path: '/annotations',
    operationId: 'listAnnotations',
    summary: 'Notes that people put on the timeline, oldest first',
    description: 'Kept 90 days, the newest 5,000. For those who may see every queue, as a note may tell of any.',
    tags: ['timeline'],
    scopes: ['jobs:read'],
    query: z.strictObject(window),
    replies: { 200: z.object({ data: z.array(Annotation).max(500) }).meta({ id: 'AnnotationList' }) },
    problems: [],
  }),
  annotate: endpoint({
    method: 'POST',
    path: '/annotations',
    operationId: 'createAnnotation',
    changes: { kind: 'annotation', id: 'id' },
    summary: 'Put a note on the timeline',
    tags: ['timeline'],
    scopes: ['jobs:manage'],
    idempotency: 'optional',
    body: z.strictObject({
      text: cleanText(1, 500),
      at: z.iso
        .datetime({ offset: true })
        .optional()
        .describe('Now unless given; not more than 90 days ago and not in the future.'),
    }),
    replies: { 201: Annotation },
    problems: [],
  }),
  removeAnnotation: endpoint({
    method: 'DELETE',
    path: '/annotations/:annotation_id',
    operationId: 'deleteAnnotation',
    changes: { kind: 'annotation', id: 'annotation_id' },
    summary: 'Take a note off the timeline',
    tags: ['timeline'],
    scopes: ['jobs:manage'],
    params: z.object({
      annotation_id: z.string().regex(/^note_[a-z0-9-]{1,64}$/, 'must be the id of an annotation, such as note_0198…'),
    }),
    replies: { 204: null },
    problems: [AnnotationMissing],
  }),
}
