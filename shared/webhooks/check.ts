// What must hold of what is said about an endpoint, beyond its form.
import { UnsafeWebhookUrl } from './contract.ts'
import { ValidationFailed } from '../kernel/problems.ts'
import { refusedHeader } from '../outbound/outbound.ts'
import type { Outbound } from '../outbound/outbound.ts'
import { keyOf } from './sign.ts'

/** Asks the guard of receivers, and the resolver for a few milliseconds. Problem: `unsafe-webhook-url`. */
export const checkUrl = async (receivers: Outbound, url: string): Promise<void> => {
  const verdict = await receivers.vetUrl(url)
  if (verdict.ok) return
  throw UnsafeWebhookUrl(`Nothing is sent there: ${verdict.detail}.`, {
    errors: [{ pointer: '#/url', code: verdict.reason, detail: verdict.detail }],
  })
}

// Ours, and what would change what our own mean. `webhook-…` and `x-k1n-…` are refused as a whole.
const OURS = new Set([
  'content-type',
  'content-encoding',
  'user-agent',
  'x-hub-signature-256',
  'traceparent',
  'tracestate',
])

/** Names and values together: with ours they must fit into what is sent, and into what receivers take. */
const HEADER_CHARACTERS_MAX = 8_192

/** The headers by their names in lower case. Problem: `validation-failed`. */
export const checkHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> => {
  const errors = Object.entries(headers).flatMap(([name, value]) => {
    const wrong = whyNot(name.toLowerCase(), value)
    return wrong === undefined
      ? []
      : [{ pointer: `#/headers/${name.replaceAll('~', '~0')}`, code: 'custom', detail: wrong }]
  })
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  if (Object.keys(lower).length < Object.keys(headers).length)
    errors.push({ pointer: '#/headers', code: 'duplicate', detail: 'must name each header once' })
  if (Object.entries(headers).flat().join('').length > HEADER_CHARACTERS_MAX)
    errors.push({
      pointer: '#/headers',
      code: 'too_big',
      detail: `must have at most ${HEADER_CHARACTERS_MAX} characters in all`,
    })
  if (errors.length > 0) throw ValidationFailed('A header cannot be sent along.', { errors })
  return lower
}

const whyNot = (name: string, value: string): string | undefined => {
  if (refusedHeader(name) || OURS.has(name) || /^(webhook|x-k1n)-/.test(name)) return 'cannot be set'
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value) ? undefined : 'must be one line of Latin-1 text'
}

/** Problem: `validation-failed`. */
export const checkSecret = (secret: string): string => {
  if (keyOf(secret) !== undefined) return secret
  throw ValidationFailed('The secret is not whsec_ and 24 to 64 bytes in base64.', {
    errors: [{ pointer: '#/secret', code: 'invalid_format', detail: 'must be whsec_ and 24 to 64 bytes in base64' }],
  })
}
