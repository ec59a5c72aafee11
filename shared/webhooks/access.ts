// Who may know of an endpoint, and who may change it.
import type { Principal } from '../auth/contract.ts'
import { InsufficientScope, ResourceForbidden, ValidationFailed } from '../kernel/problems.ts'
import { maySee } from '../stream/topics.ts'
import type { SeenFact } from '../stream/topics.ts'
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

const seesQueues = (principal: Principal, { queues }: WebhookDraft): boolean =>
  principal.queues.includes('*') || queues.every((queue) => principal.queues.includes(queue))
const seesOutside = (principal: Principal, { outside }: WebhookDraft): boolean => !outside || mayHearOutside(principal)

/** Whether somebody may see what an endpoint was sent of a fact. Of one that the log does not have any more, who may see all that the
 *  endpoint hears of; a subscriber sees what its own endpoints were sent. */
export const maySeeSent = (principal: Principal, webhook: WebhookDraft, fact: SeenFact | undefined): boolean => {
  if (principal.subscriber !== undefined) return mayKnow(principal, webhook)
  return fact ? maySee(principal, fact) : seesQueues(principal, webhook) && seesOutside(principal, webhook)
}

/** Nobody directs elsewhere, or has sent once more, what they may not see themselves. What the endpoints of a subscriber are sent is
 *  theirs already. Problem: `resource-forbidden`. */
export const mustMayChange = (principal: Principal, webhook: WebhookDraft): void => {
  if (principal.subscriber !== undefined) return
  mustSeeAll(principal, webhook)
}

const mustSeeAll = (principal: Principal, webhook: WebhookDraft): void => {
  if (!seesQueues(principal, webhook))
    throw ResourceForbidden(
      `The webhook hears of ${webhook.queues.join(', ')}; your key sees ${principal.queues.join(', ')}.`,
    )
  if (!seesOutside(principal, webhook))
    throw ResourceForbidden(
      'The webhook hears of events from outside, which your key may not read: it lacks events:read.',
    )
}

const heard = ({ settings }: WebhookDraft): string => JSON.stringify([settings.event_types, settings.filter])

/** A subscriber leaves what an endpoint hears of as somebody chose it who sees more, and does not take the endpoint away: it could not
 *  make the same again. Of the facts of one queue some concern others. Problem: `resource-forbidden`. */
export const mustMayDirect = (principal: Principal, before: WebhookDraft, next: WebhookDraft | undefined): void => {
  if (principal.subscriber === undefined || seesQueues(principal, before)) return
  if (!next) throw ResourceForbidden('This webhook was made for you and cannot be deleted by you; disable it instead.')
  if (heard(next) !== heard(before))
    throw ResourceForbidden(
      'This webhook was made for you: what it hears of, its event_types and filter, is for those who made it to change. Ask them, or make ' +
        'another one.',
    )
}

/** Nobody has payloads sent that they may not see. A subscriber goes on being sent those that somebody chose to send, and of no further
 *  facts; whether the endpoint is enabled meanwhile changes nothing for it, as it may enable it itself. Problem: `insufficient-scope`. */
export const mustMaySend = (principal: Principal, next: WebhookDraft, before?: WebhookDraft): void => {
  if (!next.settings.include_data || principal.scopes.includes('jobs:data')) return
  const wasSent = before?.settings.include_data === true
  if (principal.subscriber === undefined ? wasSent && !next.enabled : wasSent && heard(next) === heard(before)) return
  throw InsufficientScope(
    'A webhook with include_data, and what it hears of, is for those to choose who have the scope jobs:data.',
    { members: { needed: 'jobs:data' } },
  )
}

/** Values of headers are shown to nobody again: a subscriber who points the endpoint at another host would read there what somebody else
 *  gave for the one before. Problem: `validation-failed`. */
export const mustGiveHeaders = (
  { subscriber }: Principal,
  { settings, headerNames }: WebhookDraft,
  { url, headers }: { url?: string | undefined; headers?: object | undefined },
): void => {
  if (subscriber === undefined || headers !== undefined || url === undefined || headerNames.length === 0) return
  if (new URL(url).origin === new URL(settings.url).origin) return
  throw ValidationFailed(
    'The headers that are sent along were given for another host: give those for this one, or ask those who made it.',
    {
      errors: [
        {
          pointer: '#/headers',
          code: 'custom',
          detail: `must be given anew with an address of another host, or be {}: ${headerNames.join(', ')}`,
        },
      ],
    },
  )
}

/** Whose endpoint a new one is. */
export const subscriberFor = (principal: Principal, asked: string | null): string | null => {
  if (principal.subscriber === undefined) return asked
  if (asked === null || asked === principal.subscriber) return principal.subscriber
  throw ValidationFailed('A key of a subscriber makes webhooks of this subscriber only.', {
    errors: [{ pointer: '#/subscriber', code: 'custom', detail: 'must be left out' }],
  })
}
