// Keeps secrets that must be had back, such as those that sign webhooks: sealed with AES-256-GCM (NIST SP 800-38D) at rest.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { SecretsUnavailable } from './problems.ts'

export interface Vault {
  /** Whether there is a key to seal with. */
  readonly seals: boolean
  /** Sealed text, `<key id>.<base64url>`. `about` names what the secret is of (`webhook wh_1 secret`): it opens as that only. */
  seal(secret: string, about: string): string
  /** The secret. Throws `VaultError` when its key is not among ours, or when it was changed or is of something else. */
  open(sealed: string, about: string): string
}

/** A secret cannot be had back; the message says what to do. */
export class VaultError extends Error {}

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** The first key seals, all of them open: a new one is put before the old one until everything is sealed anew. Each is 32
 *  bytes. Without any, sealing and opening throw `VaultError`. */
export const createVault = (keys: readonly Buffer[]): Vault => {
  const byId = new Map(keys.map((key) => [idOf(key), key]))
  const [current] = keys
  return {
    seals: current !== undefined,
    seal(secret, about) {
      if (!current) throw new VaultError('K1N_SECRETS_KEY is not set, so secrets cannot be kept')
      const head = idOf(current)
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', current, nonce).setAAD(Buffer.from(`${about}|${head}`))
      const sealed = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return `${head}.${sealed.toString('base64url')}`
    },
    open(sealed, about) {
      const [id = '', text = ''] = sealed.split('.')
      const key = byId.get(id)
      if (!key) throw new VaultError(`the secret of ${about} was sealed with a key that K1N_SECRETS_KEY does not hold`)
      const bytes = Buffer.from(text, 'base64url')
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
          .setAAD(Buffer.from(`${about}|${id}`))
          .setAuthTag(bytes.subarray(-TAG_BYTES))
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString()
      } catch (error) {
        throw new VaultError(`the secret of ${about} was changed, or belongs to something else`, { cause: error })
      }
    },
  }
}

/** What needs the key that seals. Problem: `secrets-unavailable`. */
export const withVault = <Result>(work: () => Result): Result => {
  try {
    return work()
  } catch (error) {
    throw toVaultProblem(error)
  }
}

/** An error of the vault by its name, any other as it is. */
export const toVaultProblem = (error: unknown): Error =>
  error instanceof VaultError ? SecretsUnavailable(`${error.message}.`, { cause: error }) : (error as Error)

/** Tells keys apart without telling anything of them. */
const idOf = (key: Buffer): string => createHash('sha256').update(key).digest('base64url').slice(0, 8)
