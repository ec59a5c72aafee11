// A key as Redis holds it, and as it is shown.
import { toIso } from '../kernel/clock.ts'
import type { KeyLimits, Tier } from '../limits/words.ts'
import type { ApiKey, Scope } from './contract.ts'

/** What Redis holds of a key, under its digest. */
export interface KeyRecord {
  id: string
  name: string
  hint: string
  scopes: Scope[]
  queues: string[]
  subscriber?: string | undefined
  tier?: Tier | undefined
  limits?: KeyLimits | undefined
  pinnedVersion?: 1 | 2 | undefined
  compat?: ApiKey['compat'] | undefined
  createdAt: number
  createdBy: string
  expiresAt: number | null
  /** Counts changes; those made before they were counted have none. */
  version?: number | undefined
  revoked?: boolean
  /** The key has another secret since; this one still leads to it until it expires. */
  replaced?: boolean
}

/** When a key was used, epoch ms. These come from another place because they change all the time. */
export interface KeyUse {
  usedAt?: number | undefined
  v1UsedAt?: number | undefined
}

/** How often the key was changed, and one. */
export const versionOf = ({ version = 1 }: Pick<KeyRecord, 'version'>): number => version

/** The key as its owner may see it. */
export const apiKeyOf = (record: KeyRecord, { usedAt, v1UsedAt }: KeyUse = {}): ApiKey => ({
  id: record.id,
  name: record.name,
  hint: record.hint,
  scopes: record.scopes,
  queues: record.queues,
  subscriber: record.subscriber ?? null,
  tier: record.tier ?? 'standard',
  limits: record.limits ?? null,
  created_at: toIso(record.createdAt),
  created_by: record.createdBy,
  pinned_version: record.pinnedVersion ?? null,
  compat: record.compat ?? null,
  expires_at: record.expiresAt === null ? null : toIso(record.expiresAt),
  last_used_at: usedAt === undefined ? null : toIso(usedAt),
  v1_last_used_at: v1UsedAt === undefined ? null : toIso(v1UsedAt),
  version: versionOf(record),
})
