// Trying an endpoint out: one signed example, sent now, and what was answered.
import { makeId } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { OutboundError } from '../outbound/outbound.ts'
import type { Outbound, OutboundResponse } from '../outbound/outbound.ts'
import type { WebhookTested } from './contract.ts'
import { bodyOf, headersOf } from './message.ts'
import { openHeaders, openSecrets } from './secrets.ts'
import type { WebhookRecord } from './words.ts'

/** Sends one message to an endpoint, enabled or not, and tells what came of it, within the 15 s of every call. Fails only when the
 *  endpoint's secrets cannot be opened. */
export type SendTest = (endpoint: WebhookRecord, type: string, data: object) => Promise<WebhookTested>

const EXCERPT_BYTES = 1_024

export const createSendTest =
  ({ vault, clock, settings }: Kernel, receivers: Outbound): SendTest =>
  async (endpoint, type, data) => {
    const at = clock.now()
    const id = makeId('test', at)
    const sending = {
      messageId: `msg_${id}`,
      eventId: id,
      eventType: type,
      body: bodyOf({ id, name: type, at, data: JSON.stringify(data) }),
      deliveryId: `dlv_${id}`,
      attempt: 1,
      hop: 0,
      at,
    }
    const headers = headersOf(sending, {
      secrets: openSecrets(vault, endpoint, at),
      headers: openHeaders(vault, endpoint),
      legacySignature: endpoint.settings.legacy_signature,
      publicUrl: settings.K1N_PUBLIC_URL,
    })
    const { url } = endpoint.settings
    const outcome = await receivers.request({ url, method: 'POST', headers, body: sending.body }).then(answered, failed)
    return { webhook_id: endpoint.id, event_type: type, message_id: sending.messageId, ...outcome }
  }

type Outcome = Omit<WebhookTested, 'webhook_id' | 'event_type' | 'message_id'>

const answered = ({ status, body, durationMs, peer }: OutboundResponse): Outcome => ({
  delivered: status >= 200 && status <= 299,
  status_code: status,
  error_code: null,
  detail: null,
  response_excerpt: new TextDecoder().decode(body.subarray(0, EXCERPT_BYTES), { stream: true }),
  duration_ms: Math.round(durationMs),
  peer_ip: peer,
})

const failed = (error: unknown): Outcome => {
  if (!(error instanceof OutboundError)) throw error
  const seen = error.response === undefined ? undefined : answered(error.response)
  return {
    delivered: false,
    status_code: seen?.status_code ?? null,
    error_code: error.code,
    detail: error.message,
    response_excerpt: seen?.response_excerpt ?? null,
    duration_ms: seen?.duration_ms ?? null,
    peer_ip: seen?.peer_ip ?? null,
  }
}
