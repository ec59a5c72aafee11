// Decides which facts leave, and which of them an endpoint is sent.
import { z } from 'zod'
import { allowsQueue } from '../bullmq/globs.ts'
import { isOfAlerts, isOfEventsIn, isOwnName } from '../events.ts'
import { matchesData } from '../kernel/data-filter.ts'
import type { EventKind } from '../kernel/event.ts'
import { matchesName } from '../kernel/name-words.ts'
import type { WebhookRecord } from './words.ts'

/** A fact as the log has it, its data parsed. `sent` is undefined for facts of k1n itself. */
export interface ToldFact {
  name: string
  data: Readonly<Record<string, unknown>>
  sent: { readonly source: string | null } | undefined
}

type Listener = Pick<WebhookRecord, 'id' | 'enabled' | 'queues' | 'outside' | 'settings'>

/** Whether an endpoint is sent a fact: it asked for it, its filter lets it through, and it may hear of it. */
export const wants = (endpoint: Listener, fact: ToldFact): boolean =>
  endpoint.enabled &&
  endpoint.settings.event_types.some((pattern) => matchesName(pattern, fact.name)) &&
  mayHear(endpoint, fact) &&
  matchesData(endpoint.settings.filter, fact.data)

/** Whether an endpoint may hear of a fact, whatever it asked for: of queues, those its maker could see; of webhooks, never of itself.
 *  An endpoint of a subscriber hears nothing of the installation, such as its workers and services, or of other subscribers. */
const mayHear = (endpoint: Listener, { name, data, sent }: ToldFact): boolean => {
  if (!leaves(name)) return false
  const { subscriber } = endpoint.settings
  const isTheirs = subscriber === null || data['subscriber'] === subscriber
  if (isAboutEndpoints(name)) return data['webhook_id'] !== endpoint.id && isTheirs
  // What somebody sent is of no queue, whatever its data says; it may say whose it is. Where it does not, what came through a source is
  // the installation's own.
  if (isOfEventsIn(name, sent !== undefined))
    return (
      endpoint.outside && (isTheirs || (sent?.source === null && data['subscriber'] === undefined && !isOwnName(name)))
    )
  const { queue } = data
  if (isOfAlerts(name)) return subscriber === null && mayHearAlert(endpoint, queue)
  return typeof queue === 'string' ? allowsQueue(endpoint, queue) : subscriber === null
}

/** Alerts of no queue are for those who may see every queue. */
const mayHearAlert = (endpoint: Pick<WebhookRecord, 'queues'>, queue: unknown): boolean =>
  typeof queue === 'string' ? allowsQueue(endpoint, queue) : endpoint.queues.includes('*')

/** Whether a kind of fact leaves at all. Progress is for those who watch, and deliveries that tell of deliveries would never end. */
export const leaves = (name: string): boolean => !watched.has(name) && !name.startsWith('webhook.delivery_')
const watched: ReadonlySet<string> = new Set(['job.progress', 'operation.progress'])

/** Whether a kind of fact of k1n's own may reach the endpoint of a subscriber. */
export const isForSubscribers = ({ name, data }: EventKind): boolean =>
  isAboutEndpoints(name) || (!isOfAlerts(name) && data instanceof z.ZodObject && 'queue' in data.shape)

const isAboutEndpoints = (name: string): boolean => name.startsWith('webhook.endpoint_')
