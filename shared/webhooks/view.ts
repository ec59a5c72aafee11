// A process's own view of all webhooks: answered from memory, and told what changed.
import type { Kernel } from '../kernel/kernel.ts'
import { createLooking } from '../kernel/looking.ts'
import type { Service } from '../kernel/service.ts'
import { subscribe } from '../kernel/subscriptions.ts'
import type { Subscription } from '../kernel/subscriptions.ts'
import { webhooksChannel } from './store.ts'
import type { WebhookStore } from './store.ts'
import type { WebhookRecord } from './words.ts'

/** Started, it hears of changes at once, and of what the push did not tell within seconds; unstarted it knows what `fresh` found. */
export interface WebhookView extends Service {
  /** All webhooks by id, as far as this process knows. The same map, kept up to date: started, it is looked at anew in the background
   *  when the last look is 3 s ago. */
  all(): ReadonlyMap<string, WebhookRecord>
  /** Resolves when everything that Redis held at the time of the call is known: one small question when nothing changed. */
  fresh(): Promise<void>
}

/** A start does not wait longer for Redis. */
const START_MS = 500
/** What is told while the subscription is renewed is lost, such as that an endpoint was deleted. */
const STALE_MS = 3_000

export const createWebhookView = (kernel: Kernel, store: WebhookStore): WebhookView => {
  const records = new Map<string, WebhookRecord>()
  let revision: number | undefined
  let subscription: Subscription | undefined
  let lookedAt = Number.NEGATIVE_INFINITY

  const read = async (): Promise<void> => {
    lookedAt = kernel.clock.now()
    const changes = await store.changesSince(revision)
    if (changes.whole) records.clear()
    for (const [id, record] of changes.records)
      if (record === undefined) records.delete(id)
      else records.set(id, record)
    revision = changes.revision
  }
  const { look: fresh, settled } = createLooking(read)
  /** With Redis away what was known goes on to hold. */
  const renew = (): void => void fresh().catch(() => undefined)
  return {
    name: 'webhook-view',
    all() {
      if (subscription !== undefined && kernel.clock.now() - lookedAt >= STALE_MS) renew()
      return records
    },
    fresh,
    async start() {
      subscription ??= subscribe(kernel, webhooksChannel(kernel), renew)
      await Promise.race([subscription.ready.then(fresh).catch(() => undefined), kernel.clock.sleep(START_MS)])
    },
    async stop() {
      subscription?.stop()
      subscription = undefined
      await settled()
    },
  }
}
