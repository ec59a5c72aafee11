// What is sent to an endpoint: the bytes of the body, and the headers that say who sends what and prove it.
import { hashId } from '../kernel/ids.ts'
import { hubSignature, keyOf, signatures } from './sign.ts'
import type { WebhookRecord } from './words.ts'

/** A fact on its way out. `data` is its JSON as the log has it, byte for byte; `id` is its position in the log. */
export interface OutgoingFact {
  id: string
  name: string
  at: number
  data: string
}

/** The body, byte for byte: the same for every endpoint and every attempt. */
export const bodyOf = ({ id, name, at, data }: OutgoingFact): string => {
  const timestamp = new Date(at).toISOString()
  return `{"type":${JSON.stringify(name)},"timestamp":"${timestamp}","data":${data},"id":${JSON.stringify(id)},"api_version":2}`
}

/** The header `webhook-id`: the same on every attempt and every time it is sent again. */
export const messageIdOf = (factId: string, webhookId: string): string => `msg_${hashId(26, factId, webhookId)}`

/** One attempt to send a body. */
export interface Sending {
  messageId: string
  eventType: string
  body: string
  deliveryId: string
  /** 1 for the first. */
  attempt: number
  /** Epoch ms of the attempt. */
  at: number
}

/** What an endpoint's headers are made of. `secrets` are those that count, newest first; `headers` its own ones. */
export interface Signing {
  secrets: readonly string[]
  headers: Readonly<Record<string, string>>
  legacySignature: WebhookRecord['settings']['legacy_signature']
  /** The address of this installation, for receivers who wonder who calls. */
  publicUrl?: string | undefined
}

/** All headers of an attempt. An endpoint's own ones never replace ours. */
export const headersOf = (sending: Sending, signing: Signing): Record<string, string> => {
  const { messageId, eventType, body, deliveryId, attempt, at } = sending
  const seconds = Math.floor(at / 1_000)
  const keys = signing.secrets.flatMap((secret) => keyOf(secret) ?? [])
  return {
    ...signing.headers,
    'content-type': 'application/json',
    'user-agent': `k1n-webhooks/2${signing.publicUrl === undefined ? '' : ` (+${signing.publicUrl})`}`,
    'webhook-id': messageId,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signatures(keys, messageId, seconds, body),
    'x-k1n-event': eventType,
    'x-k1n-delivery': deliveryId,
    'x-k1n-attempt': String(attempt),
    'x-k1n-api-version': '2',
    ...legacy(signing, body),
  }
}

const legacy = ({ legacySignature, secrets: [newest] }: Signing, body: string): Record<string, string> =>
  legacySignature === 'github' && newest !== undefined ? { 'x-hub-signature-256': hubSignature(newest, body) } : {}
