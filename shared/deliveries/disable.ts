// Disabling an endpoint that asks for it, or that has failed for days.
import type { Kernel } from '../kernel/kernel.ts'
import { EndpointDisabled } from '../webhooks/events.ts'
import type { WebhookStore } from '../webhooks/store.ts'
import type { WebhookRecord } from '../webhooks/words.ts'

const TRIES = 3

/** Disables an endpoint and tells so, unless somebody did already. */
export const disable = async (
  kernel: Kernel,
  store: WebhookStore,
  id: string,
  reason: 'gone' | 'failing',
): Promise<void> => {
  for (let tries = 0; tries < TRIES; tries++) {
    const webhook = await store.find(id)
    if (!webhook?.enabled) return
    if ((await save(kernel, store, webhook, reason)) !== 'changed') break
  }
  kernel.log.warn('nothing is sent to a webhook any more', { webhook: id, reason })
}

const save = (
  kernel: Kernel,
  store: WebhookStore,
  { version, ...draft }: WebhookRecord,
  reason: 'gone' | 'failing',
): ReturnType<WebhookStore['save']> => {
  const now = kernel.clock.now()
  const record = { ...draft, enabled: false, disabled: { reason, at: now }, updatedAt: now }
  const data = { webhook_id: draft.id, subscriber: draft.settings.subscriber, reason, actor: null }
  return store.save(draft.id, version, record, { kind: EndpointDisabled, data })
}
