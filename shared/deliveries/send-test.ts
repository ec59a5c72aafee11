// Trying an endpoint out: one signed example, sent now, kept among the deliveries of the endpoint, and what was answered.
import { makeId } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Outbound } from '../outbound/outbound.ts'
import { bodyOf } from '../webhooks/message.ts'
import { openHeaders, openSecrets } from '../webhooks/secrets.ts'
import type { SendTest } from '../webhooks/trial.ts'
import { deliveryId, deliveryKey, messageId } from './id.ts'
import { createSend } from './send.ts'
import { createDeliveryStore } from './store.ts'

/** It speaks neither for the endpoint nor against it, and is not tried again. */
export const createSendTest = (kernel: Kernel, outbound: Outbound): SendTest => {
  const { clock, vault } = kernel
  const send = createSend(kernel, outbound)
  const store = createDeliveryStore(kernel)
  return async (webhook, eventType, data) => {
    const at = clock.now()
    // What cannot be signed is refused, and is no delivery.
    openSecrets(vault, webhook, at)
    openHeaders(vault, webhook)
    const eventId = makeId('test', at)
    const key = deliveryKey(eventId, webhook.id)
    const body = bodyOf({ id: eventId, name: eventType, at, data: JSON.stringify(data) })
    const message = { key, eventId, eventType, body, hop: 0, attempt: 1 }
    const { judgement, kept, detail } = await send(webhook, message, new AbortController().signal)
    const delivered = judgement === 'delivered'
    await store.tested({ key, webhookId: webhook.id, eventId, eventType, at, body, attempt: kept, delivered })
    return {
      ...{ webhook_id: webhook.id, event_type: eventType, message_id: messageId(key), delivery_id: deliveryId(key) },
      ...{ delivered, status_code: kept.status, detail: detail ?? null },
      // That it answered so is all there is to say of an answer that was read to its end.
      error_code: detail === undefined ? null : kept.error,
      response_excerpt: kept.status === null ? null : kept.text,
      duration_ms: Math.round(kept.ms),
      peer_ip: kept.peer,
    }
  }
}
