// Signing as Standard Webhooks says: HMAC-SHA256 over id, time and the exact bytes, once for each secret that still counts.
import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

const PREFIX = 'whsec_'
const KEY_BYTES = 32
const KEY_BYTES_MIN = 24
const KEY_BYTES_MAX = 64

/** A new secret: `whsec_` and 32 random bytes in base64. */
export const makeSecret = (): string => PREFIX + randomBytes(KEY_BYTES).toString('base64')

/** The key that a secret stands for; undefined when it is not `whsec_` and 24 to 64 bytes in base64. */
export const keyOf = (secret: string): Buffer | undefined => {
  if (!secret.startsWith(PREFIX)) return undefined
  const text = secret.slice(PREFIX.length)
  const key = Buffer.from(text, 'base64')
  // Node skips what is no base64; a key that says something else than its text would fail at the receiver's only.
  const isExact = key.toString('base64') === text
  return isExact && key.length >= KEY_BYTES_MIN && key.length <= KEY_BYTES_MAX ? key : undefined
}

/** The keys of secrets, ready to sign with: Node takes ten times as long with bytes as with a key it knows. */
export const keysOf = (secrets: readonly string[]): KeyObject[] =>
  secrets.flatMap((secret) => {
    const key = keyOf(secret)
    return key === undefined ? [] : createSecretKey(key)
  })

/** The header `webhook-signature`: `v1,<base64>` for each key, in their order. `timestampS` is in whole seconds, and `id` has no
 *  dot, which parts what is signed. */
export const signatures = (keys: readonly KeyObject[], id: string, timestampS: number, body: Buffer | string): string =>
  keys.map((key) => `v1,${signature(key, id, timestampS, body)}`).join(' ')

const signature = (key: KeyObject, id: string, timestampS: number, body: Buffer | string): string =>
  createHmac('sha256', key).update(`${id}.${timestampS}.`).update(body).digest('base64')

/** The header `X-Hub-Signature-256`, for receivers that know only that: over the body alone, with the secret's text as key. */
export const hubSignature = (secret: string, body: Buffer | string): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
