// Secrets of endpoints at rest and in use: what signs, for how long, and the values of headers.
import { VaultError } from '../kernel/vault.ts'
import type { Vault } from '../kernel/vault.ts'
import type { SigningSecret, WebhookDraft } from './words.ts'

/** Secrets that sign beside the newest one. */
const OLD_MAX = 2
const HINT_CHARACTERS = 4

const aboutSecret = (id: string): string => `webhook ${id} secret`
const aboutHeaders = (id: string): string => `webhook ${id} headers`

/** A secret as it is kept. */
export const sealSecret = (vault: Vault, id: string, secret: string, now: number): SigningSecret => ({
  sealed: vault.seal(secret, aboutSecret(id)),
  hint: secret.slice(-HINT_CHARACTERS),
  createdAt: now,
  expiresAt: null,
})

/** The list with a new secret first. Those that still count until now sign `graceMs` longer, at most two of them and never longer than
 *  they would have. */
export const rotated = (
  secrets: readonly SigningSecret[],
  fresh: SigningSecret,
  now: number,
  graceMs: number,
): SigningSecret[] => {
  const old = secrets
    .map((secret) => ({ ...secret, expiresAt: Math.min(secret.expiresAt ?? Infinity, now + graceMs) }))
    .filter(({ expiresAt }) => expiresAt > now)
  return [fresh, ...old.slice(0, OLD_MAX)]
}

/** Those that sign at a time, newest first. */
export const counting = (secrets: readonly SigningSecret[], now: number): SigningSecret[] =>
  secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now)

/** The texts of the secrets that sign at a time, newest first. Throws `VaultError` when the vault cannot open one. */
export const openSecrets = (
  vault: Vault,
  { id, secrets }: Pick<WebhookDraft, 'id' | 'secrets'>,
  now: number,
): string[] => counting(secrets, now).map(({ sealed }) => vault.open(sealed, aboutSecret(id)))

export const sealHeaders = (vault: Vault, id: string, headers: Readonly<Record<string, string>>): string | null =>
  Object.keys(headers).length === 0 ? null : vault.seal(JSON.stringify(headers), aboutHeaders(id))

/** The headers an endpoint wants to be sent along. Throws `VaultError` when the vault cannot open them. */
export const openHeaders = (
  vault: Vault,
  { id, sealedHeaders }: Pick<WebhookDraft, 'id' | 'sealedHeaders'>,
): Record<string, string> =>
  sealedHeaders === null ? {} : (JSON.parse(vault.open(sealedHeaders, aboutHeaders(id))) as Record<string, string>)

/** Seals everything with the vault's current key. What it cannot open stays as it is. */
export const sealedAnew = (vault: Vault, record: WebhookDraft): WebhookDraft => ({
  ...record,
  secrets: record.secrets.map((secret) => ({ ...secret, sealed: anew(vault, secret.sealed, aboutSecret(record.id)) })),
  sealedHeaders: record.sealedHeaders === null ? null : anew(vault, record.sealedHeaders, aboutHeaders(record.id)),
})

const anew = (vault: Vault, sealed: string, about: string): string => {
  try {
    return vault.seal(vault.open(sealed, about), about)
  } catch (error) {
    if (!(error instanceof VaultError)) throw error
    return sealed
  }
}
