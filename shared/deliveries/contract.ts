// Deliveries over HTTP: looking them up, sending them once more, and sending what was never sent.
import { z } from 'zod'
import { Instant } from '../jobs/words.ts'
import { EventPattern } from '../kernel/data-filter.ts'
import { endpoint } from '../kernel/endpoint.ts'
import { listOf, many, pageQuery } from '../kernel/page.ts'
import { problem } from '../kernel/problem.ts'
import { Operation } from '../operations/words.ts'
import { WebhookMissing } from '../webhooks/contract.ts'
import { WebhookId } from '../webhooks/words.ts'
import { Delivery, DeliveryId, DeliveryStatus, DeliverySummary, EndpointHealth } from './words.ts'

export const DeliveryMissing = problem('delivery-not-found', 'missing', 'There is no such delivery.')
export const DeliveryInFlight = problem('delivery-in-flight', 'conflict', 'The delivery is being sent right now.')
export const DeliveryNotResendable = problem('delivery-not-resendable', 'conflict', 'It cannot be sent once more.')
export const WebhookDisabled = problem('webhook-disabled', 'conflict', 'Nothing is sent to this webhook.')
export const ReplayRunning = problem('replay-running', 'conflict', 'Another replay of this webhook goes on.')

const window = {
  from: Instant.optional().describe('Of facts told then or later.'),
  to: Instant.optional().describe('Of facts told before.'),
}

export const DeliveryQuery = z.strictObject({
  ...pageQuery,
  status: many(DeliveryStatus),
  event_type: many(EventPattern),
  ...window,
})

/** What a replay sends. */
export const ReplayTerms = z.strictObject({
  from: Instant.describe('Facts told then or later.'),
  to: Instant.optional().describe('Facts told before; until now when absent.'),
  status: z
    .array(DeliveryStatus.exclude(['pending', 'in_flight']))
    .min(1)
    .max(4)
    .default(['failed', 'dead', 'cancelled'])
    .describe('Deliveries that stand so are sent once more.'),
  event_types: z.array(EventPattern).min(1).max(64).optional().describe('Only these; all when absent.'),
  missing: z
    .boolean()
    .default(false)
    .describe(
      'Sends what was never sent instead: facts in the log that the webhook wants and has no delivery of, later than every delivery to it that was forgotten.',
    ),
})
export type ReplayTerms = z.output<typeof ReplayTerms>

export const ReplayRequest = z
  .strictObject({
    ...ReplayTerms.shape,
    dry_run: z.boolean().default(false).describe('Only tells how many it would send.'),
  })
  .meta({ id: 'WebhookReplay' })

export const ReplayPreview = z
  .object({
    matched: z.int(),
    capped: z.boolean().describe('There may be more: it was counted no further.'),
    forgotten_until: Instant.nullable().describe(
      'With `missing`: until then it is not known any more what was sent, so only later facts are; null when all is known.',
    ),
  })
  .meta({ id: 'WebhookReplayPreview' })
export type ReplayPreview = z.output<typeof ReplayPreview>

const ofWebhook = { tags: ['webhooks'], params: z.object({ webhook_id: WebhookId }) } as const
const one = { tags: ['webhooks'], params: z.object({ delivery_id: DeliveryId }) } as const

export const deliveries = {
  list: endpoint({
    ...ofWebhook,
    method: 'GET',
    path: '/webhooks/:webhook_id/deliveries',
    operationId: 'listDeliveries',
    summary: 'List deliveries to a webhook, by the time of their facts, newest first',
    scopes: ['webhooks:read'],
    query: DeliveryQuery,
    replies: { 200: listOf(DeliverySummary).meta({ id: 'DeliveryList' }) },
    problems: [WebhookMissing],
  }),
  health: endpoint({
    ...ofWebhook,
    method: 'GET',
    path: '/webhooks/:webhook_id/health',
    operationId: 'getWebhookHealth',
    summary: 'Tell how a webhook fares: what arrived last, how long it takes, what waits',
    scopes: ['webhooks:read'],
    replies: { 200: EndpointHealth },
    problems: [WebhookMissing],
  }),
  show: endpoint({
    ...one,
    method: 'GET',
    path: '/webhooks/deliveries/:delivery_id',
    operationId: 'getDelivery',
    summary: 'Show a delivery with what was sent and answered at each attempt',
    description:
      'What was sent and answered of a fact of a queue that the caller may not use, or of an event from outside without `events:read`, is left out; a subscriber sees all that its webhooks were sent.',
    scopes: ['webhooks:read'],
    replies: { 200: Delivery },
    problems: [DeliveryMissing],
  }),
  retry: endpoint({
    ...one,
    method: 'POST',
    path: '/webhooks/deliveries/:delivery_id/retry',
    operationId: 'retryDelivery',
    changes: { kind: 'delivery', id: 'delivery_id', shownBy: 'getDelivery', adds: 'again' },
    summary: 'Send a delivery now, or once more, under the same `webhook-id`',
    scopes: ['webhooks:write'],
    idempotency: 'optional',
    replies: { 202: Delivery },
    problems: [DeliveryMissing, DeliveryInFlight, DeliveryNotResendable, WebhookDisabled],
  }),
  replay: endpoint({
    ...ofWebhook,
    method: 'POST',
    path: '/webhooks/:webhook_id/replay',
    operationId: 'replayWebhook',
    changes: { kind: 'webhook', id: 'webhook_id', asked: true, statuses: [202], adds: 'new' },
    summary: 'Send once more what failed since, or what was never sent, as an operation',
    description: '`dry_run` answers 200 with how many that would be.',
    scopes: ['webhooks:write'],
    idempotency: 'optional',
    body: ReplayRequest,
    replies: { 200: ReplayPreview, 202: Operation },
    problems: [WebhookMissing, WebhookDisabled, ReplayRunning],
  }),
}
