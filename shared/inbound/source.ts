// An event source as it is kept, and its secrets: sealed at rest, two of them while one replaces the other.
import { randomBytes } from 'node:crypto'
import type { Kernel } from '../kernel/kernel.ts'
import { withVault } from '../kernel/vault.ts'
import type { Emit, Scheme, Verify } from './words.ts'

export interface KeptSecret {
  /** Opens as `source <id> secret`. */
  readonly sealed: string
  /** Its end, by which people tell it from others. */
  readonly hint: string
  /** It is taken until then, epoch ms; null for the newest. */
  readonly expiresAt: number | null
}

export interface SourceRecord {
  readonly name: string
  readonly verify: Verify
  readonly emit: Emit | null
  readonly enabled: boolean
  /** Newest first, at most two. */
  readonly secrets: readonly KeptSecret[]
  readonly createdAt: number
  readonly createdBy: string
  readonly updatedAt: number
}

/** 160 random bits: where nothing is signed, the address itself is the secret. */
export const makeSourceId = (): string => `src_${randomBytes(20).toString('hex')}`

/** A secret of a form the scheme's senders take. */
export const makeSecret = (scheme: Scheme): string =>
  scheme === 'standard_webhooks' ? `whsec_${randomBytes(32).toString('base64')}` : randomBytes(32).toString('hex')

const about = (sourceId: string): string => `source ${sourceId} secret`

/** Problem: `secrets-unavailable`. */
export const keepSecret = ({ vault }: Kernel, sourceId: string, secret: string): KeptSecret => ({
  sealed: withVault(() => vault.seal(secret, about(sourceId))),
  hint: hintOf(secret),
  expiresAt: null,
})

/** The last four characters, fewer of a short one: who has seen a signature could find out the rest. */
const hintOf = (secret: string): string => secret.slice(-Math.min(4, Math.floor(secret.length / 8)))

/** The new secret before the one it replaces, which is taken for a while yet. Older ones end. */
export const rotated = (
  secrets: readonly KeptSecret[],
  next: KeptSecret,
  { now, graceMs }: { now: number; graceMs: number },
): KeptSecret[] => {
  const [newest] = secrets
  return newest === undefined || graceMs === 0 ? [next] : [next, { ...newest, expiresAt: now + graceMs }]
}

/** Those that are taken now. */
export const valid = (secrets: readonly KeptSecret[], now: number): KeptSecret[] =>
  secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now)

/** The secrets that are taken now, open; none where there is none yet. Throws `VaultError` when one was sealed with a key that is gone. */
export const openSecrets = (
  { vault, clock }: Pick<Kernel, 'vault' | 'clock'>,
  id: string,
  { verify, secrets }: SourceRecord,
): string[] =>
  // Nothing is signed: the one empty secret fits every delivery.
  verify.scheme === 'none' ? [''] : valid(secrets, clock.now()).map(({ sealed }) => vault.open(sealed, about(id)))
