// Who may know of an endpoint, and who may change it.
import type { Principal } from '../auth/contract.ts'
import { InsufficientScope, ResourceForbidden, ValidationFailed } from '../kernel/problems.ts'
import { WebhookMissing } from './contract.ts'
import type { WebhookDraft, WebhookRecord } from './words.ts'

/** A subscriber's key knows of its own endpoints only. */
export const mayKnow = ({ subscriber }: Principal, { settings }: WebhookDraft): boolean =>
  subscriber === undefined || settings.subscriber === subscriber

/** The record, for those who may know that there is one. Problem: `webhook-not-found`. */
export const known = (principal: Principal, id: string, record: WebhookRecord | undefined): WebhookRecord => {
  if (record === undefined || !mayKnow(principal, record)) throw WebhookMissing(`There is no webhook ${id}.`)
  return record
}

/** Whether endpoints that somebody makes hear of events from outside: those of who may read them, and those of subscribers, for whom
 *  events are sent. */
export const mayHearOutside = ({ subscriber, scopes }: Principal): boolean =>
  subscriber !== undefined || scopes.includes('events:read')

/** Nobody directs elsewhere what they may not see themselves. Problem: `resource-forbidden`. */
export const mustMayChange = (principal: Principal, { queues, outside }: WebhookDraft): void => {
  if (!principal.queues.includes('*') && !queues.every((queue) => principal.queues.includes(queue)))
    throw ResourceForbidden(`The webhook hears of ${queues.join(', ')}; your key sees ${principal.queues.join(', ')}.`)
  if (outside && !mayHearOutside(principal))
    throw ResourceForbidden(
      'The webhook hears of events from outside, which your key may not read: it lacks events:read.',
    )
}

/** The same of payloads, while anything is sent. Problem: `insufficient-scope`. */
export const mustMaySend = (principal: Principal, { settings, enabled }: WebhookDraft): void => {
  if (!enabled || !settings.include_data || principal.scopes.includes('jobs:data')) return
  throw InsufficientScope('A webhook with include_data needs the scope jobs:data.', {
    members: { needed: 'jobs:data' },
  })
}

/** Whose endpoint a new one is. */
export const subscriberFor = (principal: Principal, asked: string | null): string | null => {
  if (principal.subscriber === undefined) return asked
  if (asked === null || asked === principal.subscriber) return principal.subscriber
  throw ValidationFailed('A key of a subscriber makes webhooks of this subscriber only.', {
    errors: [{ pointer: '#/subscriber', code: 'custom', detail: 'must be left out' }],
  })
}
