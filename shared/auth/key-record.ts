// A key as Redis holds it, and as it is shown.
import { toIso } from '../kernel/clock.ts'
import type { ApiKey, Scope } from './contract.ts'

/** What Redis holds of a key, under its digest. */
export interface KeyRecord {
  id: string
  name: string
  hint: string
  scopes: Scope[]
  queues: string[]
  subscriber?: string | undefined
  createdAt: number
  createdBy: string
  expiresAt: number | null
  revoked?: boolean
}

/** The key as its owner may see it; `usedAt` comes from another place because it changes all the time. */
export const apiKeyOf = (record: KeyRecord, usedAt: number | undefined): ApiKey => ({
  id: record.id,
  name: record.name,
  hint: record.hint,
  scopes: record.scopes,
  queues: record.queues,
  subscriber: record.subscriber ?? null,
  created_at: toIso(record.createdAt),
  created_by: record.createdBy,
  expires_at: record.expiresAt === null ? null : toIso(record.expiresAt),
  last_used_at: usedAt === undefined ? null : toIso(usedAt),
})
