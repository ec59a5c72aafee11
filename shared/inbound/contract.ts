// Words of events in on the wire, and the endpoints: sending events, looking at them, and the sources they come through.
import { z } from 'zod'
import { Json, Instant, cleanText } from '../jobs/words.ts'
import { EventName, EventPattern } from '../kernel/data-filter.ts'
import { endpoint } from '../kernel/endpoint.ts'
import { event } from '../kernel/event.ts'
import { listOf, many, pageQuery } from '../kernel/page.ts'
import { problem } from '../kernel/problem.ts'
import {
  InvalidHeader,
  InvalidJson,
  InvalidUtf8,
  JsonTooComplex,
  JsonTooDeep,
  PreconditionFailed,
  SecretsUnavailable,
  UnsupportedMediaType,
} from '../kernel/problems.ts'
import { Emit, EventId, GivenEventId, Refusal, SecretText, SourceId, Started, Verify, VerifyInput } from './words.ts'

export const EventMissing = problem('event-not-found', 'missing', 'There is no such event.')
export const EventIdReused = problem('event-id-reused', 'conflict', 'The id belongs to another event.')
export const ReservedName = problem('reserved-event-name', 'invalid', 'Only k1n itself tells events of this name.')
export const TooManyHops = problem('too-many-hops', 'invalid', 'The event has gone round too often.')
export const SourceMissing = problem('event-source-not-found', 'missing', 'There is no such event source.')
export const TooManySources = problem('too-many-event-sources', 'conflict', 'No further event source can be kept.')
export const InvalidSignature = problem(
  'invalid-signature',
  'unauthenticated',
  'The request is not signed as its source says.',
)
export const TooManyDeliveries = problem('too-many-deliveries', 'limited', 'This address sends too much.')

/** Bytes of JSON that the data of one event may have, and the body of one delivery. */
export const DATA_MAX = 262_144

export const EventInput = z
  .strictObject({
    event: EventName.describe("What happened. Not a name of k1n's own, such as `job.failed`."),
    data: z.record(z.string(), Json).default({}).describe('At most 256 KiB.'),
    id: GivenEventId.optional().describe('The same id within 24 h is the same event, and happens once.'),
    occurred_at: Instant.optional().describe('Now unless given.'),
    subject: cleanText(1, 256).optional().describe('What it is about, for people.'),
  })
  .meta({ id: 'EventInput' })
export type EventInput = z.output<typeof EventInput>

export const EventAccepted = z
  .object({
    event_id: z.string(),
    duplicate: z.boolean().describe('It was here before: nothing was started anew, and `matched` is what it was then.'),
    matched: z.array(Started).describe('What it set off.'),
  })
  .meta({ id: 'EventAccepted' })
export type EventAccepted = z.output<typeof EventAccepted>

const Refused = z.object({ code: z.string(), title: z.string(), status: z.int(), detail: z.string() })
export const EventResult = z
  .object({
    index: z.int(),
    status: z.int(),
    event_id: z.string(),
    duplicate: z.boolean(),
    matched: z.array(Started),
    problem: Refused.optional(),
  })
  .meta({ id: 'EventResult' })
export type EventResult = z.output<typeof EventResult>

export const Event = z
  .object({
    id: z.string().describe("The event's own id; of a fact of k1n its position."),
    position: z.string().describe('Where it stands in the log, as cursors of the stream name it.'),
    event: z.string(),
    occurred_at: Instant,
    received_at: Instant,
    subject: z.string().nullable(),
    source_id: z.string().nullable().describe('The event source it came through.'),
    hop: z.int().describe('How often it went through k1n before; see `X-K1n-Hop`.'),
    data: z.record(z.string(), z.unknown()),
    matched: z
      .array(Started)
      .nullable()
      .describe(
        'What it set off; null for what was not sent from outside, and where that is not known: in the first moment after it came, when its sender broke off, and a day later.',
      ),
  })
  .meta({ id: 'Event' })
export type Event = z.output<typeof Event>

export const events = {
  publish: endpoint({
    method: 'POST',
    path: '/events',
    operationId: 'publishEvent',
    changes: { kind: 'event', id: 'event_id', log: 'work' },
    summary: 'Send an event; schedules and webhooks that wait for it react',
    description:
      'The answer names the jobs that schedules made of it. Sent again with the same `id` or `Idempotency-Key` within 24 h it starts nothing twice. Events belong to no queue: a key that may only see some queues may send all events. `X-K1n-Hop` of a webhook that leads to it is to be passed on, so that loops end.',
    tags: ['events'],
    scopes: ['events:write'],
    idempotency: 'optional',
    bodyLimit: DATA_MAX,
    body: EventInput,
    replies: { 202: EventAccepted },
    problems: [EventIdReused, ReservedName, TooManyHops],
  }),
  publishMany: endpoint({
    method: 'POST',
    path: '/events/bulk',
    operationId: 'publishEvents',
    cost: { items: 'events', perUnit: 10 },
    changes: { kind: 'event', id: null, log: 'work' },
    summary: 'Send up to 500 events',
    description:
      'One event that is not valid refuses all of them before any is told. After that each is told by itself, in order, and has a result of its own.',
    tags: ['events'],
    scopes: ['events:write'],
    idempotency: 'optional',
    bodyLimit: 1_048_576,
    body: z.strictObject({ events: z.array(EventInput).min(1).max(500) }),
    replies: { 202: z.object({ results: z.array(EventResult) }).meta({ id: 'EventResults' }) },
    problems: [ReservedName, TooManyHops],
  }),
  list: endpoint({
    method: 'GET',
    path: '/events',
    operationId: 'listEvents',
    summary: 'List what happened, newest first, as far as the log goes back',
    description:
      'Facts of k1n and events from outside. A call looks at a bounded part of the log: `searched` says how much, and while `has_more` is true the cursor leads on, also from a page that is empty.',
    tags: ['events'],
    scopes: ['events:read'],
    query: z.strictObject({
      ...pageQuery,
      type: many(EventPattern).describe('Names, or their beginnings and `.*`.'),
      origin: z.enum(['outside', 'k1n']).optional().describe('Those that were sent, or those k1n tells itself.'),
      source_id: SourceId.optional().describe('Those that came through an event source.'),
      from: Instant.optional().describe('Received then or later.'),
      to: Instant.optional().describe('Received before then.'),
    }),
    replies: { 200: listOf(Event).meta({ id: 'EventList' }) },
    problems: [],
  }),
  show: endpoint({
    method: 'GET',
    path: '/events/:event_id',
    operationId: 'getEvent',
    summary: 'Show one event and what it set off',
    tags: ['events'],
    scopes: ['events:read'],
    params: z.object({ event_id: EventId }),
    replies: { 200: Event },
    problems: [EventMissing],
  }),
}

const sourceShape = {
  name: cleanText(1, 128).describe('For people.'),
  emit: Emit.nullable().describe(
    'What deliveries are told as beside `webhook.received`; null for nothing else. Unless given, `github.<X-GitHub-Event>`, `stripe.<type>`, `slack.<event.type>`, and nothing for other schemes.',
  ),
  enabled: z.boolean(),
}

export const EventSource = z
  .object({
    id: SourceId,
    ...sourceShape,
    verify: Verify,
    path: z.string().describe('Where deliveries are sent, on the address of this server.'),
    secrets: z
      .array(
        z.object({
          hint: z.string().describe('The last four characters, fewer of a short one.'),
          expires_at: Instant.nullable(),
        }),
      )
      .describe('The secrets that are taken, the newest first.'),
    received: z.int().describe('Deliveries that were taken.'),
    duplicates: z.int().describe('Deliveries that had come before.'),
    refused: z.int(),
    last_received_at: Instant.nullable(),
    last_event_id: z.string().nullable(),
    last_refusal: z.object({ at: Instant, reason: Refusal }).nullable(),
    created_at: Instant,
    created_by: z.string(),
    updated_at: Instant,
    version: z.int(),
  })
  .meta({ id: 'EventSource' })
export type EventSource = z.output<typeof EventSource>

export const EventSourceCreated = EventSource.extend({
  secret: z.string().nullable().describe('The secret, where k1n made it: shown this once.'),
}).meta({ id: 'EventSourceCreated' })
export type EventSourceCreated = z.output<typeof EventSourceCreated>

export const EventSourceInput = z
  .strictObject({
    name: sourceShape.name,
    verify: VerifyInput,
    emit: sourceShape.emit.optional(),
    enabled: sourceShape.enabled.default(true),
  })
  .meta({ id: 'EventSourceInput' })
export type EventSourceInput = z.output<typeof EventSourceInput>

export const EventSourcePatch = z
  .strictObject({
    name: sourceShape.name.optional(),
    verify: Verify.optional().describe('As a whole; the scheme stays the same.'),
    emit: sourceShape.emit.optional(),
    enabled: sourceShape.enabled.optional(),
  })
  .meta({ id: 'EventSourcePatch' })
export type EventSourcePatch = z.output<typeof EventSourcePatch>

const one = { tags: ['events'], params: z.object({ source_id: SourceId }), etag: true } as const

export const eventSources = {
  list: endpoint({
    method: 'GET',
    path: '/event-sources',
    operationId: 'listEventSources',
    summary: 'List event sources, the newest first',
    tags: ['events'],
    scopes: ['events:read'],
    query: z.strictObject(pageQuery),
    replies: { 200: listOf(EventSource).meta({ id: 'EventSourceList' }) },
    problems: [],
  }),
  create: endpoint({
    method: 'POST',
    path: '/event-sources',
    operationId: 'createEventSource',
    changes: { kind: 'event_source', id: 'id' },
    summary: 'Make an address that another service can send webhooks to',
    tags: ['events'],
    scopes: ['events:write'],
    idempotency: 'optional',
    secretReply: true,
    etag: true,
    body: EventSourceInput,
    replies: { 201: EventSourceCreated },
    problems: [ReservedName, TooManySources, SecretsUnavailable],
  }),
  show: endpoint({
    ...one,
    method: 'GET',
    path: '/event-sources/:source_id',
    operationId: 'getEventSource',
    summary: 'Show an event source and what came through it',
    scopes: ['events:read'],
    replies: { 200: EventSource },
    problems: [SourceMissing],
  }),
  edit: endpoint({
    ...one,
    method: 'PATCH',
    path: '/event-sources/:source_id',
    operationId: 'editEventSource',
    changes: { kind: 'event_source', id: 'source_id', shownBy: 'getEventSource' },
    summary: 'Change an event source',
    scopes: ['events:write'],
    body: EventSourcePatch,
    replies: { 200: EventSource },
    problems: [SourceMissing, PreconditionFailed, ReservedName],
  }),
  remove: endpoint({
    ...one,
    method: 'DELETE',
    path: '/event-sources/:source_id',
    operationId: 'deleteEventSource',
    changes: { kind: 'event_source', id: 'source_id', shownBy: 'getEventSource' },
    summary: 'Remove an event source; its address takes nothing any more',
    scopes: ['events:write'],
    replies: { 204: null },
    problems: [SourceMissing, PreconditionFailed],
  }),
  rotate: endpoint({
    ...one,
    method: 'POST',
    path: '/event-sources/:source_id/secret/rotate',
    operationId: 'rotateEventSourceSecret',
    changes: { kind: 'event_source', id: 'source_id', shownBy: 'getEventSource' },
    summary: 'Give an event source another secret; the one before is taken for a while yet',
    scopes: ['events:write'],
    idempotency: 'optional',
    secretReply: true,
    body: z.strictObject({
      secret: SecretText.optional(),
      grace_s: z.int().min(0).max(604_800).default(86_400).describe('How long the secret before is taken.'),
    }),
    bodyOptional: true,
    replies: { 200: EventSourceCreated },
    problems: [SourceMissing, PreconditionFailed, SecretsUnavailable],
  }),
}

export const Delivered = z
  .union([
    z.object({
      event_id: z.string(),
      duplicate: z.boolean().describe('It had come before, and nothing was started anew.'),
      matched: z.array(Started).describe('What it set off.'),
    }),
    z.object({ challenge: z.string().describe('The answer to the question by which Slack checks an address.') }),
  ])
  .meta({ id: 'Delivered' })
export type Delivered = z.output<typeof Delivered>

export const hooks = {
  receive: endpoint({
    method: 'POST',
    path: '/hooks/:source_id',
    at: 'root',
    operationId: 'receiveWebhook',
    changes: { kind: 'event_source', id: 'source_id', statuses: [202], log: 'work' },
    summary: 'Take a webhook of another service',
    description:
      'The signature over the exact body is the credential; see `EventSourceVerify`. Sources that are not there, that are off, and signatures that are wrong are answered alike. A delivery that came before is answered with 200. `X-K1n-Hop` is heeded and kept.',
    tags: ['events'],
    scopes: 'public',
    // Senders share addresses, such as that of a proxy, and are bounded by themselves: who sends slowly keeps no other waiting.
    stays: () => true,
    bodyLimit: DATA_MAX,
    rawBody: { types: ['application/json', 'application/x-www-form-urlencoded'] },
    params: z.object({ source_id: z.string().max(100) }),
    replies: { 200: Delivered, 202: Delivered },
    problems: [
      InvalidSignature,
      TooManyDeliveries,
      TooManyHops,
      InvalidHeader,
      InvalidJson,
      InvalidUtf8,
      JsonTooDeep,
      JsonTooComplex,
      UnsupportedMediaType,
    ],
  }),
}

export const WebhookReceived = event(
  'webhook.received',
  'event:webhook.received',
  'A webhook of another service came in through an event source, or somebody triggered this by hand.',
  z.object({
    source_id: z.string().describe('`batch` where somebody triggered it in a batch.'),
    event_id: z.string(),
    payload: z.unknown(),
  }),
)

export const EventSourceChanged = event(
  'event_source.changed',
  'event-source:changed',
  'Somebody made, changed or removed an event source.',
  z.object({
    source_id: z.string(),
    name: z.string(),
    change: z.enum(['created', 'edited', 'deleted', 'secret_rotated']),
    actor: z.string(),
    version: z.int(),
  }),
)

/** What a source tells deliveries as unless it says otherwise. */
export const USUAL_EMIT: Readonly<Partial<Record<Verify['scheme'], Emit>>> = {
  github: { event: 'github', append: { header: 'X-GitHub-Event' } },
  stripe: { event: 'stripe', append: { path: 'type' } },
  slack: { event: 'slack', append: { path: 'event.type' } },
}
