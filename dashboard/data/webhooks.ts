// All endpoints that facts are sent to, each with how it fares, as the newest known: fetched once, then kept by the stream.
import type { EndpointHealth } from '../../shared/deliveries/words.ts'
import type { Webhook } from '../../shared/webhooks/contract.ts'
import { api } from './api.ts'
import { live, onGap } from './live/index.ts'
import { Resource } from './resource.svelte.ts'

/** `health` comes with the stream, and with the page of one endpoint. */
export interface Endpoint extends Webhook {
  health?: EndpointHealth
}

export const webhooks = new Resource<ReadonlyMap<string, Endpoint>>()

/** The most that one answer holds; the stream tells as many. */
export const WEBHOOKS_SHOWN = 200

const known = (id: string): EndpointHealth | undefined => webhooks.value?.get(id)?.health
const withKnown = (webhook: Webhook): Endpoint => {
  const health = known(webhook.id)
  return health ? { ...webhook, health } : webhook
}

export const loadWebhooks = (): Promise<void> =>
  webhooks.load(async (signal) => {
    const { data } = await api.webhooks.list({ query: { limit: WEBHOOKS_SHOWN }, signal })
    return new Map(data.map((webhook) => [webhook.id, withKnown(webhook)]))
  })

/** One endpoint with how it fares; throws what the API answers. */
export const fetchWebhook = async (id: string, signal: AbortSignal): Promise<Endpoint> => {
  const params = { webhook_id: id }
  const [webhook, health] = await Promise.all([
    api.webhooks.show({ params, signal }),
    api.deliveries.health({ params, signal }),
  ])
  return { ...webhook, health }
}

/** One endpoint as the list has it, with how it fares as that was fetched where the stream tells nothing. */
export const newest = (listed: Endpoint | undefined, fetched: Endpoint | undefined): Endpoint | undefined =>
  listed && !listed.health && fetched?.health ? { ...listed, health: fetched.health } : (listed ?? fetched)

/** Puts in what an action answered with; how it fares stays as it was known. */
export const takeWebhook = (webhook: Webhook): void =>
  webhooks.set(new Map(webhooks.value).set(webhook.id, withKnown(webhook)))

/** Fetches all and keeps them fresh. Answers how to stop. */
export const followWebhooks = (): (() => void) => {
  void loadWebhooks()
  const leave = live.state('state:webhooks', (rows) => webhooks.set(new Map(rows as ReadonlyMap<string, Endpoint>)))
  const offGap = onGap(() => void loadWebhooks())
  return () => {
    leave()
    offGap()
    webhooks.stop()
  }
}
