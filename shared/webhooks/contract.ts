// Words of webhooks: the resource, what is sent to make and change one, and the endpoints.
import { z } from 'zod'
import { Instant, cleanText } from '../jobs/words.ts'
import { endpoint } from '../kernel/endpoint.ts'
import { listOf, pageQuery } from '../kernel/page.ts'
import { problem } from '../kernel/problem.ts'
import { PreconditionFailed, SecretsUnavailable } from '../kernel/problems.ts'
import { DisabledReason, Subscriber, WebhookChange, WebhookId, WebhookSecret, WebhookSettings } from './words.ts'

export const WebhookMissing = problem('webhook-not-found', 'missing', 'There is no such webhook.')
export const TooManyWebhooks = problem('too-many-webhooks', 'conflict', 'No further webhook can be kept.')
export const UnsafeWebhookUrl = problem('unsafe-webhook-url', 'invalid', 'Nothing is sent to this address.')
export const UnknownEventType = problem('unknown-event-type', 'invalid', 'No event is called like this.')
export const TooManyTests = problem('too-many-webhook-tests', 'limited', 'This endpoint was tested often just now.')

export const Webhook = z
  .object({
    id: WebhookId,
    ...z.object(WebhookSettings.shape).required().shape,
    enabled: z.boolean(),
    disabled_reason: DisabledReason.nullable().describe(
      '`gone`: it answered 410. `failing`: nothing arrived for days. Null while it is enabled.',
    ),
    disabled_at: Instant.nullable(),
    headers: z.array(z.string()).describe('The names of the headers that are sent along; their values are not shown.'),
    queues: z.array(z.string()).describe('Globs of the queues it hears of: those that its maker could see.'),
    secret_hint: z.string().describe('The last characters of the secret.'),
    secrets: z
      .array(z.object({ hint: z.string(), created_at: Instant, expires_at: Instant.nullable() }))
      .describe('All that sign now, newest first.'),
    created_at: Instant,
    created_by: z.string(),
    updated_at: Instant,
    last_success_at: Instant.nullable(),
    last_failure_at: Instant.nullable(),
    last_failure: z
      .object({
        at: Instant,
        status_code: z.int().nullable().describe('Null when there was no answer.'),
        error_code: z
          .string()
          .nullable()
          .describe('As an attempt of a delivery tells it: `http_503`, `timeout_total`, …'),
      })
      .nullable()
      .describe('What the last attempt that failed came to; null where none did, or that is not known.'),
    consecutive_failures: z.int(),
    version: z.int().describe('As the `ETag` tells it.'),
  })
  .meta({ id: 'Webhook' })
export type Webhook = z.output<typeof Webhook>

const Headers = z
  .record(
    z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, 'must be the name of a header'),
    z.string().max(2_048),
  )
  .refine((headers) => Object.keys(headers).length <= 20, 'must be at most 20 headers')
  .describe(
    'Sent along, such as a token of the receiver: at most 8,192 characters in all. Kept sealed, and never shown again.',
  )

export const WebhookCreate = z
  .strictObject({
    ...WebhookSettings.shape,
    headers: Headers.default({}),
    secret: WebhookSecret.optional().describe('Made when absent.'),
  })
  .meta({ id: 'WebhookCreate' })
export type WebhookCreate = z.output<typeof WebhookCreate>

export const WebhookPatch = z
  .strictObject({
    ...WebhookChange.shape,
    headers: Headers.optional().describe('In place of those it has; `{}` takes them all away.'),
    enabled: z
      .boolean()
      .optional()
      .describe('`false` sends nothing any more; `true` sends again and forgets the failures.'),
  })
  .meta({ id: 'WebhookPatch' })
export type WebhookPatch = z.output<typeof WebhookPatch>

export const WebhookCreated = Webhook.extend({ secret: z.string().describe('Shown this once.') }).meta({
  id: 'WebhookCreated',
})
export type WebhookCreated = z.output<typeof WebhookCreated>

const GRACE_S_MAX = 604_800
export const SecretRotation = z
  .strictObject({
    grace_s: z
      .int()
      .min(0)
      .max(GRACE_S_MAX)
      .default(86_400)
      .describe('How long the old secret signs beside the new one.'),
    secret: WebhookSecret.optional().describe('Made when absent.'),
  })
  .meta({ id: 'WebhookSecretRotation' })
export type SecretRotation = z.output<typeof SecretRotation>

export const SecretRotated = z
  .object({
    secret: z.string().describe('Shown this once.'),
    previous_expires_at: Instant.nullable().describe(
      'Until when the one before signs too; null when it does not any more.',
    ),
    webhook: Webhook,
  })
  .meta({ id: 'WebhookSecretRotated' })
export type SecretRotated = z.output<typeof SecretRotated>

/** What came of a message that was sent to try an endpoint out. */
export const WebhookTested = z
  .object({
    webhook_id: WebhookId,
    event_type: z.string(),
    message_id: z.string().describe('The `webhook-id` it was sent with.'),
    delivery_id: z.string().describe('The delivery that keeps it, with what was sent and answered.'),
    delivered: z.boolean().describe('Whether the endpoint answered with a status of the two hundreds.'),
    status_code: z.int().nullable(),
    error_code: z.string().nullable().describe('Why there is no answer, such as `timeout_total` or `tls_cert`.'),
    detail: z.string().nullable(),
    response_excerpt: z.string().nullable().describe('The first KiB of the answer.'),
    duration_ms: z.number().nullable(),
    peer_ip: z.string().nullable(),
  })
  .meta({ id: 'WebhookTested' })
export type WebhookTested = z.output<typeof WebhookTested>

export const EventType = z
  .object({
    type: z.string(),
    live: z.string().describe('What the stream calls it.'),
    description: z.string(),
    schema: z.record(z.string(), z.unknown()).describe('JSON Schema of `data`.'),
    example: z.record(z.string(), z.unknown()).optional().describe('`data` as it may be.'),
  })
  .meta({ id: 'EventType' })
export type EventType = z.output<typeof EventType>

const one = { tags: ['webhooks'], params: z.object({ webhook_id: WebhookId }) } as const

export const webhooks = {
  list: endpoint({
    method: 'GET',
    path: '/webhooks',
    operationId: 'listWebhooks',
    summary: 'List webhooks, newest first',
    tags: ['webhooks'],
    scopes: ['webhooks:read'],
    query: z.strictObject({
      ...pageQuery,
      enabled: z.enum(['true', 'false']).optional(),
      subscriber: Subscriber.optional(),
      q: cleanText(1, 100).optional().describe('Part of the address or the description.'),
    }),
    replies: { 200: listOf(Webhook).meta({ id: 'WebhookList' }) },
    problems: [],
  }),
  create: endpoint({
    method: 'POST',
    path: '/webhooks',
    operationId: 'createWebhook',
    changes: { kind: 'webhook', id: 'id' },
    summary: 'Send events to an address from now on; the answer shows the secret this once',
    tags: ['webhooks'],
    scopes: ['webhooks:write'],
    idempotency: 'optional',
    secretReply: true,
    etag: true,
    bodyLimit: 65_536,
    body: WebhookCreate,
    replies: { 201: WebhookCreated },
    problems: [UnsafeWebhookUrl, UnknownEventType, TooManyWebhooks, SecretsUnavailable],
  }),
  eventTypes: endpoint({
    method: 'GET',
    path: '/webhooks/event-types',
    operationId: 'listEventTypes',
    summary: "List the events of k1n that webhooks can be sent, each with its data's schema and an example",
    tags: ['webhooks'],
    scopes: ['webhooks:read'],
    replies: { 200: z.object({ data: z.array(EventType) }).meta({ id: 'EventTypeList' }) },
    problems: [],
  }),
  show: endpoint({
    ...one,
    method: 'GET',
    path: '/webhooks/:webhook_id',
    operationId: 'getWebhook',
    summary: 'Show a webhook',
    scopes: ['webhooks:read'],
    etag: true,
    replies: { 200: Webhook },
    problems: [WebhookMissing],
  }),
  edit: endpoint({
    ...one,
    method: 'PATCH',
    path: '/webhooks/:webhook_id',
    operationId: 'editWebhook',
    changes: { kind: 'webhook', id: 'webhook_id', shownBy: 'getWebhook' },
    summary: 'Change, disable or enable a webhook',
    scopes: ['webhooks:write'],
    etag: true,
    bodyLimit: 65_536,
    body: WebhookPatch,
    replies: { 200: Webhook },
    problems: [WebhookMissing, PreconditionFailed, UnsafeWebhookUrl, UnknownEventType, SecretsUnavailable],
  }),
  remove: endpoint({
    ...one,
    method: 'DELETE',
    path: '/webhooks/:webhook_id',
    operationId: 'deleteWebhook',
    changes: { kind: 'webhook', id: 'webhook_id', shownBy: 'getWebhook' },
    summary: 'Delete a webhook; what was not sent yet is not sent any more',
    scopes: ['webhooks:write'],
    etag: true,
    replies: { 204: null },
    problems: [WebhookMissing, PreconditionFailed],
  }),
  rotate: endpoint({
    ...one,
    method: 'POST',
    path: '/webhooks/:webhook_id/secret/rotate',
    operationId: 'rotateWebhookSecret',
    changes: { kind: 'webhook', id: 'webhook_id', shownBy: 'getWebhook' },
    summary: 'Sign with a new secret, and with the old one for a while; the answer shows the new one this once',
    scopes: ['webhooks:write'],
    idempotency: 'optional',
    secretReply: true,
    etag: true,
    body: SecretRotation,
    bodyOptional: true,
    replies: { 200: SecretRotated },
    problems: [WebhookMissing, PreconditionFailed, SecretsUnavailable],
  }),
  test: endpoint({
    ...one,
    method: 'POST',
    path: '/webhooks/:webhook_id/test',
    operationId: 'testWebhook',
    stays: () => true,
    changes: { kind: 'webhook', id: 'webhook_id' },
    summary: 'Send a signed example to a webhook now, enabled or not, and tell what it answered; ten times a minute',
    scopes: ['webhooks:write'],
    body: z.strictObject({ event_type: z.string().max(256).optional() }).meta({ id: 'WebhookTest' }),
    bodyOptional: true,
    replies: { 200: WebhookTested },
    problems: [WebhookMissing, UnknownEventType, TooManyTests, SecretsUnavailable],
  }),
}
