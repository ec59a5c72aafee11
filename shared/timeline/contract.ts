// Words of the timeline: attempts as spans, many at once, in columns.
import { z } from 'zod'
import { endpoint } from '../kernel/endpoint.ts'
import { QueueName } from '../jobs/words.ts'

/** What a span can be. `failed` is a dead letter, `retrying` a failed attempt that will be tried again. */
export const SPAN_STATES = ['running', 'completed', 'retrying', 'failed', 'cancelled', 'stalled', 'held'] as const
export type SpanState = (typeof SPAN_STATES)[number]

/** Bins of priority as the timeline draws them: 0 low (1000 and more), 1 normal (100–999 and none), 2 high (10–99), 3 critical (1–9). */
export const priorityBin = (priority: number): 0 | 1 | 2 | 3 => {
  if (priority === 0) return 1
  if (priority < 10) return 3
  if (priority < 100) return 2
  return priority < 1000 ? 1 : 0
}

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

/** Attempts that touch the window, sorted by start, in columns; see each member for its unit. */
export const SpanColumns = z
  .object({
    from: z.number(),
    to: z.number(),
    base: z.number().describe('Epoch ms the first start is relative to.'),
    queues: z.array(z.string()),
    names: z.array(z.string()),
    workers: z.array(z.string()),
    queue: indices,
    name: indices,
    worker: indices,
    id: z.array(z.string()).describe('Job ids; with the queue they make the address.'),
    start: z.array(z.number()).describe('Ms since the previous start (the first: since base).'),
    wait: z.array(z.number()),
    run: z.array(z.number()).describe('Ms; -1 while it runs.'),
    state: indices.describe('Index into: running, completed, retrying, failed, cancelled, stalled, held.'),
    priority: indices.describe('0 low, 1 normal, 2 high, 3 critical.'),
    attempt: z.array(z.int()),
    backoff: z.array(z.number()).describe('Ms until the next attempt; 0 for none.'),
    cursor: z.string().describe('Where the live stream goes on.'),
    truncated: z.boolean().describe('True when the window holds more than the limit; the newest are given.'),
  })
  .meta({ id: 'SpanColumns' })
export type SpanColumns = z.output<typeof SpanColumns>

export const timeline = {
  spans: endpoint({
    method: 'GET',
    path: '/timeline/spans',
    operationId: 'listSpans',
    summary: 'Attempts of a time window, in columns',
    tags: ['timeline'],
    scopes: ['jobs:read'],
    query: z.strictObject({
      from: z.iso.datetime({ offset: true }).optional().describe('An hour before `to` unless given.'),
      to: z.iso.datetime({ offset: true }).optional().describe('Now unless given.'),
      queue: z.preprocess(
        (value) => (value === undefined || Array.isArray(value) ? value : [value]),
        z.array(QueueName).max(100).optional(),
      ),
      limit: z.coerce.number<number>().int().min(1).max(200_000).default(100_000),
    }),
    replies: { 200: SpanColumns },
    problems: [],
  }),
}
