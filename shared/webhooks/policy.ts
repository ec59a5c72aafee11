// Decides which facts an endpoint is sent.
import { allowsQueue } from '../bullmq/globs.ts'
import { eventByName } from '../events.ts'
import { matchesData, matchesName } from '../kernel/data-filter.ts'
import type { WebhookRecord } from './words.ts'

/** A fact as the log has it, its data parsed. */
export interface ToldFact {
  name: string
  data: Readonly<Record<string, unknown>>
}

type Listener = Pick<WebhookRecord, 'id' | 'enabled' | 'queues' | 'settings'>

/** Whether an endpoint is sent a fact: it asked for it, its filter lets it through, and it may hear of it. */
export const wants = (endpoint: Listener, fact: ToldFact): boolean =>
  endpoint.enabled &&
  endpoint.settings.event_types.some((pattern) => matchesName(pattern, fact.name)) &&
  mayHear(endpoint, fact) &&
  matchesData(endpoint.settings.filter, fact.data)

/** Whether an endpoint may hear of a fact, whatever it asked for. Of queues, those its maker could see. Of webhooks, never of itself,
 *  and a subscriber's never of another's. A subscriber's hears nothing of the installation, such as its workers and services. */
export const mayHear = (endpoint: Listener, { name, data }: ToldFact): boolean => {
  const { subscriber } = endpoint.settings
  if (name.startsWith(ABOUT_ENDPOINTS))
    return data['webhook_id'] !== endpoint.id && (subscriber === null || data['subscriber'] === subscriber)
  const { queue } = data
  if (typeof queue === 'string') return allowsQueue(endpoint, queue)
  return subscriber === null || !eventByName.has(name)
}

const ABOUT_ENDPOINTS = 'webhook.endpoint_'
