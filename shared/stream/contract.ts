// Words of the stream: topics, frames and the ways to listen. One cursor serves WebSocket, SSE and long-poll.
import { z } from 'zod'
import { endpoint } from '../kernel/endpoint.ts'
import { event } from '../kernel/event.ts'
import { CursorExpired, InvalidCursor, TooManyConnections } from '../kernel/problems.ts'

/** `retry:*`, `job:failed`, `state:overview`, `state:job:<address>`, … Other services choose the names of their queues
 *  and jobs, so an address is any text that can be seen. */
export const Topic = z
  .string()
  .regex(
    /^(?:[a-z][a-z0-9-]*:[A-Za-z0-9_\-.~*]{1,280}|state:job:[^\u0000-\u001f\u007f]{1,770})$/,
    'must be a topic such as `retry:*` or `state:overview`',
  )
const topics = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(/,(?=[a-z][a-z0-9-]*:)/) : value),
  z.array(Topic).min(1).max(50),
)
/** Position in the log. */
export const Cursor = z.string().regex(/^\d{1,15}-\d{1,15}(?:\.\d{3})?$/, 'must be a cursor such as 1795343641000-0')

export const EventFrame = z
  .object({
    type: z.literal('event'),
    id: z.string(),
    event: z
      .string()
      .describe(
        'The live name, e.g. `retry:attempt`; `event:<name>` for events from outside, which take `events:read`.',
      ),
    name: z.string().describe('The webhook name, e.g. `error_recovery.retry_attempt`.'),
    ts: z.string(),
    event_id: z.string().optional().describe('The own id of an event from outside.'),
    subject: z.string().optional().describe('What an event from outside is about, where its sender said so.'),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'EventFrame' })
export const StateFrame = z
  .object({
    type: z.literal('snapshot'),
    topic: z.string(),
    epoch: z.string(),
    seq: z.int(),
    rows: z.record(z.string(), z.unknown()),
    cursor: z.string(),
  })
  .meta({ id: 'StateFrame' })
export const GapFrame = z
  .object({ type: z.literal('gap'), oldest: z.string().describe('The first event that is still there.') })
  .meta({ id: 'GapFrame' })

export const stream = {
  ticket: endpoint({
    method: 'POST',
    path: '/stream/tickets',
    operationId: 'createStreamTicket',
    changes: 'nothing',
    summary: 'A ticket for one WebSocket, valid for 30 seconds',
    tags: ['stream'],
    scopes: ['stream:read'],
    replies: {
      201: z.object({ ticket: z.string(), expires_in: z.int(), url: z.string() }).meta({ id: 'StreamTicket' }),
    },
    problems: [TooManyConnections],
  }),
  poll: endpoint({
    method: 'GET',
    path: '/stream/events',
    operationId: 'pollStream',
    summary: 'Events after a cursor, waiting for some if there are none',
    tags: ['stream'],
    scopes: ['stream:read'],
    query: z.strictObject({
      after: Cursor.optional().describe(
        'From now unless given; facts of a moment before, as a rule of 100 ms, may come too.',
      ),
      topics,
      limit: z.coerce.number<number>().int().min(1).max(500).default(100),
      wait: z.coerce.number<number>().int().min(0).max(25).default(0).describe('Seconds.'),
    }),
    replies: {
      200: z
        .object({
          data: z.array(z.discriminatedUnion('type', [EventFrame, StateFrame, GapFrame])),
          cursor: z.string(),
          has_more: z.boolean(),
        })
        .meta({ id: 'StreamPage' }),
    },
    problems: [InvalidCursor, CursorExpired],
  }),
  sse: endpoint({
    method: 'GET',
    path: '/stream/sse',
    operationId: 'openEventStream',
    summary: 'Events as server-sent events; resumes by Last-Event-ID',
    tags: ['stream'],
    scopes: ['stream:read'],
    query: z.strictObject({ topics, after: Cursor.optional() }),
    replies: { 200: z.string() },
    replyType: 'text/event-stream',
    problems: [InvalidCursor, TooManyConnections],
  }),
}

export const GapFound = event(
  'system.gap',
  'system:gap',
  "A queue's events were trimmed before they were read; what is in the finished sets was read instead.",
  z.object({ queue: z.string(), from: z.string(), to: z.string(), recovered: z.int() }),
)

export const ConsumerGapFound = event(
  'system.consumer_gap',
  'system:consumer-gap',
  'Facts after `from` and before `to` were removed from the log before somebody who needs all had read them.',
  z.object({
    consumer: z.string().describe('Who had not read them, e.g. `webhooks`.'),
    from: z.string(),
    to: z.string(),
  }),
)
