// One attempt: what is sent, signed, and what came back, as it is kept and as it is judged.
import type { Kernel } from '../kernel/kernel.ts'
import { VaultError } from '../kernel/vault.ts'
import { OutboundError, retryAfterMs } from '../outbound/outbound.ts'
import type { Outbound, OutboundResponse } from '../outbound/outbound.ts'
import { headersOf } from '../webhooks/message.ts'
import type { Signing } from '../webhooks/message.ts'
import { counting, openHeaders, openSecrets } from '../webhooks/secrets.ts'
import type { WebhookRecord } from '../webhooks/words.ts'
import { deliveryId, messageId } from './id.ts'
import { judgeStatus } from './policy.ts'
import type { Judgement } from './policy.ts'
import { FOLLOWS } from './record.ts'
import type { KeptAttempt } from './record.ts'

export interface Message {
  readonly key: string
  readonly eventId: string
  readonly eventType: string
  readonly body: string
  /** How often it went through k1n before. */
  readonly hop: number
  /** 1 for the first. */
  readonly attempt: number
}

export interface Sent {
  readonly judgement: Judgement
  readonly kept: KeptAttempt
  /** How long the endpoint asks to be left alone. */
  readonly askedMs: number | undefined
  /** Why there was no whole answer, in words. */
  readonly detail?: string
}

/** Sends once. Answers what came of it, whatever that is; throws only when `signal` ended it. */
export type Send = (webhook: WebhookRecord, message: Message, signal: AbortSignal) => Promise<Sent>

const EXCERPT_BYTES = 1_024
const RESPONSE_HEADERS = 20
const HEADER_CHARACTERS = 256
const OPENED_MAX = 2_000

export const createSend = (kernel: Kernel, outbound: Outbound): Send => {
  const { clock } = kernel
  const signingOf = createSigning(kernel)
  return async (webhook, message, signal) => {
    const at = clock.now()
    const began = performance.now()
    const sent = attemptOf(kernel, signingOf, webhook, message, at)
    if (sent instanceof VaultError) return failed(at, {}, 0, 'secret_sealed')
    try {
      const response = await outbound.request({
        url: webhook.settings.url,
        method: 'POST',
        headers: sent.headers,
        body: message.body,
        signal,
      })
      return answered(at, shown(sent), response, clock.now())
    } catch (error) {
      if (!(error instanceof OutboundError) || error.code === 'aborted') throw error
      const { code, message: detail, response } = error
      if (response) return { ...answered(at, shown(sent), response, clock.now(), code), detail }
      return { ...failed(at, shown(sent), performance.now() - began, code), detail }
    }
  }
}

/** Headers as they are sent, and which of them are the endpoint's own. */
interface Signed {
  readonly headers: Readonly<Record<string, string>>
  readonly own: ReadonlySet<string>
}

interface KeptSigning extends Signing {
  readonly version: number
  readonly count: number
  readonly own: ReadonlySet<string>
}

type SigningOf = ReturnType<typeof createSigning>

const attemptOf = (
  kernel: Kernel,
  signingOf: SigningOf,
  webhook: WebhookRecord,
  { key, ...message }: Message,
  at: number,
): Signed | VaultError => {
  try {
    const signing = signingOf(webhook, at)
    const sending = { ...message, messageId: messageId(key), deliveryId: deliveryId(key), at }
    return { headers: headersOf(sending, signing), own: signing.own }
  } catch (error) {
    if (!(error instanceof VaultError)) throw error
    kernel.log.error('a webhook cannot be signed', { webhook: webhook.id, error })
    return error
  }
}

/** Opening a secret costs as much as signing with it: what was opened of a version of a record is kept. */
const createSigning = ({ vault, settings }: Kernel) => {
  const opened = new Map<string, KeptSigning>()
  return (webhook: WebhookRecord, now: number): KeptSigning => {
    const known = opened.get(webhook.id)
    const { length: count } = counting(webhook.secrets, now)
    if (known?.version === webhook.version && known.count === count) return known
    const headers = openHeaders(vault, webhook)
    const made = {
      ...{ version: webhook.version, count, headers, own: new Set(Object.keys(headers)) },
      secrets: openSecrets(vault, webhook, now),
      legacySignature: webhook.settings.legacy_signature,
      publicUrl: settings.K1N_PUBLIC_URL,
    }
    if (opened.size >= OPENED_MAX) opened.clear()
    opened.set(webhook.id, made)
    return made
  }
}

const answered = (
  at: number,
  sent: Record<string, string>,
  response: OutboundResponse,
  now: number,
  code?: string,
): Sent => {
  const { status, headers, durationMs, peer } = response
  const judgement = judgeStatus(status)
  const error = judgement === 'delivered' ? null : (code ?? `http_${status}`)
  const kept = { at, ms: round(durationMs), status, error, sent, got: cut(headers), text: excerpt(response), peer }
  return { judgement, kept, askedMs: judgement === 'throttled' ? retryAfterMs(headers, now) : undefined }
}

const failed = (at: number, sent: Record<string, string>, ms: number, error: string): Sent => ({
  judgement: 'failed',
  kept: { at, ms: round(ms), status: null, error, sent, got: {}, text: '', peer: null },
  askedMs: undefined,
})

const round = (ms: number): number => Math.round(ms * 10) / 10

const cut = (headers: Readonly<Record<string, string>>): Record<string, string> => {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers).slice(0, RESPONSE_HEADERS))
    kept[name] = value.slice(0, HEADER_CHARACTERS)
  return kept
}

/** Text without what would make a terminal or a page do something. */
const excerpt = ({ body, text }: OutboundResponse): string =>
  (body.length <= EXCERPT_BYTES
    ? text
    : new TextDecoder().decode(body.subarray(0, EXCERPT_BYTES), { stream: true })
  ).replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '\ufffd')

/** What is kept of the headers that were sent: those that do not follow from the delivery (see `sentHeaders`). Signatures prove who
 *  sent them, and values of own headers may be secrets. */
const shown = ({ headers, own }: Signed): Record<string, string> => {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers))
    if (!FOLLOWS.has(name)) kept[name] = own.has(name) ? '…' : shortened(name, value)
  return kept
}

const SIGNATURE_CHARACTERS = 10

const shortened = (name: string, value: string): string => {
  if (name === 'webhook-signature') return value.split(' ').map((each) => `${each.slice(0, SIGNATURE_CHARACTERS)}…`).join(' ') // prettier-ignore
  return name === 'x-hub-signature-256' ? `${value.slice(0, SIGNATURE_CHARACTERS)}…` : value
}
