// What is sent to an endpoint: the bytes of the body, and the headers that say who sends what and prove it.
import type { KeyObject } from 'node:crypto'
import { toIso } from '../kernel/clock.ts'
import type { LogEntry, Sent } from '../stream/log.ts'
import { hubSignature, keysOf, signatures } from './sign.ts'
import { traceparentOf } from './trace.ts'
import type { WebhookRecord } from './words.ts'

/** A fact on its way out, as the log has it. */
export type OutgoingFact = Pick<LogEntry, 'id' | 'name' | 'at' | 'data' | 'sent'>

/** The body, byte for byte: the same for every endpoint and every attempt. `data` stays as it is in the log, which is also how
 *  listeners to the stream get it. */
export const bodyOf = ({ id, name, at, data, sent }: OutgoingFact): string =>
  `{"type":${JSON.stringify(name)},"timestamp":"${toIso(at)}","data":${data},"id":${JSON.stringify(id)},"api_version":2${outside(sent)}}`

/** What is known of an event from outside beside its data, by the names that the stream has for it. */
const outside = (sent: Sent | undefined): string => {
  if (sent === undefined) return ''
  const subject = sent.subject === null ? '' : `,"subject":${JSON.stringify(sent.subject)}`
  return `,"event_id":${JSON.stringify(sent.id)}${subject}`
}

/** One attempt to send a body. */
export interface Sending {
  messageId: string
  eventId: string
  eventType: string
  body: string
  deliveryId: string
  /** 1 for the first. */
  attempt: number
  /** How often what is sent went through k1n before. */
  hop: number
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
  const { messageId, eventId, eventType, body, deliveryId, attempt, hop, at } = sending
  const seconds = Math.floor(at / 1_000)
  return {
    ...signing.headers,
    'content-type': 'application/json',
    'user-agent': `k1n-webhooks/2${signing.publicUrl === undefined ? '' : ` (+${signing.publicUrl})`}`,
    'webhook-id': messageId,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signatures(keysFor(signing.secrets), messageId, seconds, body),
    traceparent: traceparentOf(eventId, deliveryId, attempt),
    'x-k1n-event': eventType,
    'x-k1n-delivery': deliveryId,
    'x-k1n-attempt': String(attempt),
    'x-k1n-api-version': '2',
    'x-k1n-hop': String(hop + 1),
    ...legacy(signing, body),
  }
}

/** Made once for a list of secrets, which signs again and again. */
const keysFor = (secrets: readonly string[]): KeyObject[] => {
  const keys = made.get(secrets) ?? keysOf(secrets)
  made.set(secrets, keys)
  return keys
}
const made = new WeakMap<readonly string[], KeyObject[]>()

const legacy = ({ legacySignature, secrets: [newest] }: Signing, body: string): Record<string, string> =>
  legacySignature === 'github' && newest !== undefined ? { 'x-hub-signature-256': hubSignature(newest, body) } : {}
