// Webhooks as version 1 shows them.
import type { Webhook } from '../../../shared/webhooks/contract.ts'
import type { Names } from '../names.ts'
import { msOf } from './words.ts'

export const webhookOf = (webhook: Webhook): unknown => ({
  webhookId: webhook.id,
  url: webhook.url,
  description: webhook.description,
  events: webhook.event_types,
  enabled: webhook.enabled,
  createdAt: msOf(webhook.created_at),
  updatedAt: msOf(webhook.updated_at),
  lastSuccessAt: msOf(webhook.last_success_at),
  lastFailureAt: msOf(webhook.last_failure_at),
  consecutiveFailures: webhook.consecutive_failures,
})

/** The answer to making one shows its secret, this once. */
export const webhookMadeOf = (webhook: Webhook & { secret: string }): unknown => ({
  ...(webhookOf(webhook) as object),
  secret: webhook.secret,
})

/** What is said of an endpoint when it is made or changed. */
export const webhookNames: Names = { events: 'event_types' }
