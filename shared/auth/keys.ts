// API keys: only their digests are stored, so nobody who reads Redis can use one.
import { hash } from 'node:crypto'
import { generateKey, isKey } from '../kernel/api-key.ts'
import { toIso } from '../kernel/clock.ts'
import { makeId } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Page } from '../kernel/page.ts'
import { script } from '../kernel/script.ts'
import { InvalidToken, KeyRevoked, TokenExpired, ValidationFailed } from '../kernel/problems.ts'
import { createCache } from './cache.ts'
import { InsufficientGrant, KeyMissing, LastAdminKey, ROLES, SCOPES } from './contract.ts'
import type { ApiKey, ApiKeyInput, ApiKeyPatch, KeyRotated, KeyRotation, Principal, Scope } from './contract.ts'
import { listKeys } from './key-list.ts'
import { apiKeyOf } from './key-record.ts'
import type { KeyRecord } from './key-record.ts'
import { createKeyUses } from './key-uses.ts'

export interface Keys {
  /** Who a key belongs to. Throws `invalid-token`, `token-expired` or `key-revoked`; Redis errors when it must be asked and is away. */
  identify(key: string): Principal | Promise<Principal>
  /** Whether what made this principal still holds; a stream asks once a minute. */
  stillValid(digest: string): Promise<boolean>
  create(by: Principal, input: ApiKeyInput): Promise<ApiKey & { key: string }>
  list(query: { limit: number; cursor?: string | undefined }): Promise<Page<ApiKey>>
  show(id: string): Promise<ApiKey>
  /** Every process of the fleet knows of a change within five seconds, most at once. */
  edit(id: string, patch: ApiKeyPatch): Promise<ApiKey>
  /** Gives a key another secret. The old one works for the grace period. */
  rotate(by: Principal, id: string, rotation: KeyRotation): Promise<KeyRotated>
  /** A key was used in version 1 of the API. */
  noteV1(id: string): void
  /** Revokes a key. Every process of the fleet knows within five seconds, most at once. */
  revoke(id: string): Promise<void>
  forget: (digest: string) => void
}

const TOMBSTONE_MS = 30 * 86_400_000

const rotateKey = script(new URL('./rotate-key.lua', import.meta.url))
const replaceKey = script(new URL('./replace-key.lua', import.meta.url))

export const digestOf = (secret: string): string => hash('sha256', secret)

const adminPrincipal = (digest: string): Principal => ({
  kind: 'key',
  id: 'admin',
  name: 'admin',
  scopes: SCOPES,
  queues: ['*'],
  credential: digest,
})

const principalOf = (record: KeyRecord, digest: string): Principal => ({
  kind: 'key',
  id: record.id,
  name: record.name,
  scopes: record.scopes,
  queues: record.queues,
  credential: digest,
  ...(record.subscriber === undefined ? {} : { subscriber: record.subscriber }),
  ...(record.pinnedVersion === undefined ? {} : { pinnedVersion: record.pinnedVersion }),
  ...(record.compat ? { deprecationFormat: record.compat.deprecation } : {}),
  ...(record.expiresAt === null ? {} : { expiresAt: record.expiresAt }),
})

/** Keys of one installation. The admin key of the settings always works and is not in Redis at all. */
export const createKeys = (kernel: Kernel): Keys => {
  const { redis, clock } = kernel
  const recordKey = (digest: string): string => kernel.key('auth', 'key', digest)
  const index = kernel.key('auth', 'keys')
  const changed = kernel.key('auth', 'revoked')
  const uses = { all: createKeyUses(kernel, 'used'), v1: createKeyUses(kernel, 'used-v1') }
  const cache = createCache<KeyRecord>(clock)
  const adminDigest = kernel.settings.K1N_ADMIN_KEY === undefined ? undefined : digestOf(kernel.settings.K1N_ADMIN_KEY)
  const admin = adminDigest === undefined ? undefined : adminPrincipal(adminDigest)

  const load = async (digest: string): Promise<KeyRecord | undefined> => {
    const text = await redis.get(recordKey(digest))
    const record = text === null ? undefined : (JSON.parse(text) as KeyRecord)
    return record?.replaced ? follow(record) : record
  }
  /** What a replaced secret may do is what its key may do now; with the key it is gone. */
  const follow = async (old: KeyRecord): Promise<KeyRecord> => {
    const digest = await redis.hget(index, old.id)
    const record = digest === null ? undefined : await load(digest)
    return record ? { ...record, expiresAt: earlier(record.expiresAt, old.expiresAt) } : { ...old, revoked: true }
  }
  const admit = (record: KeyRecord, digest: string): Principal => {
    if (record.revoked) throw KeyRevoked('The key was revoked.')
    if (record.expiresAt !== null && record.expiresAt <= clock.now())
      throw TokenExpired(`The key expired at ${toIso(record.expiresAt)}.`)
    uses.all.note(record.id)
    return principalOf(record, digest)
  }
  /** The record of an id with the digest it is found by. Problem: `key-not-found`. */
  const recordOf = async (id: string): Promise<{ digest: string; text: string; record: KeyRecord }> => {
    const digest = await redis.hget(index, id)
    const text = digest === null ? null : await redis.get(recordKey(digest))
    if (digest === null || text === null) throw KeyMissing(`There is no key ${id}.`)
    return { digest, text, record: JSON.parse(text) as KeyRecord }
  }
  const shown = async (record: KeyRecord): Promise<ApiKey> => {
    const [[usedAt], [v1UsedAt]] = await Promise.all([uses.all.of([record.id]), uses.v1.of([record.id])])
    return apiKeyOf(record, { usedAt, v1UsedAt })
  }
  const unknown = (): never => {
    throw InvalidToken('The key is not known here.')
  }
  const managers = async (): Promise<string[]> => {
    const records = await Promise.all(Object.values(await redis.hgetall(index)).map(load))
    return records.flatMap((record) =>
      record && !record.revoked && record.scopes.includes('keys:write') && (record.expiresAt ?? Infinity) > clock.now()
        ? [record.id]
        : [],
    )
  }
  return {
    identify(key) {
      const digest = digestOf(key)
      if (admin && digest === adminDigest) return admin
      const known = isKey(key) ? cache.get(digest, () => load(digest)) : unknown()
      if (!(known instanceof Promise)) return admit(known, digest)
      return known.then((record) => (record === undefined ? unknown() : admit(record, digest)))
    },
    async stillValid(digest) {
      if (digest === adminDigest) return true
      const record = await cache.get(digest, () => load(digest))
      return record !== undefined && !record.revoked && (record.expiresAt ?? Infinity) > clock.now()
    },
    async create(by, input) {
      const now = clock.now()
      const scopes = [...new Set(input.scopes ?? (input.role ? ROLES[input.role] : []))]
      // Strangers hear of a queue only when somebody said so.
      const queues = input.queues ?? (input.subscriber === undefined ? ['*'] : [])
      refuseMore(by, scopes, queues)
      const expiresAt = input.expires_at === undefined ? null : Date.parse(input.expires_at)
      if (expiresAt !== null && expiresAt <= now)
        throw ValidationFailed('expires_at lies in the past.', {
          errors: [{ pointer: '#/expires_at', code: 'too_small', detail: 'must lie in the future' }],
        })
      const key = generateKey(kindOf(input))
      const record: KeyRecord = {
        id: makeId('key', now),
        name: input.name,
        hint: hintOf(key),
        scopes,
        queues,
        subscriber: input.subscriber,
        pinnedVersion: input.pinned_version,
        compat: input.compat,
        createdAt: now,
        createdBy: by.name,
        expiresAt,
      }
      const digest = digestOf(key)
      await redis.multi().set(recordKey(digest), JSON.stringify(record)).hset(index, record.id, digest).exec()
      return { ...apiKeyOf(record), key }
    },
    list: (query) => listKeys(kernel, { index, uses, load }, query),
    show: async (id) => shown((await recordOf(id)).record),
    async edit(id, patch) {
      for (;;) {
        const { digest, text, record } = await recordOf(id)
        const edited = patched(record, patch)
        const done = await replaceKey(redis, [recordKey(digest)], [text, JSON.stringify(edited)])
        if (done !== 1) continue
        await redis.publish(changed, digest)
        cache.forget(digest)
        return shown(edited)
      }
    },
    async rotate(by, id, { grace_s }) {
      for (;;) {
        const { digest, text, record } = await recordOf(id)
        refuseMore(by, record.scopes, record.queues)
        const [now, graceMs] = [clock.now(), grace_s * 1_000]
        const key = generateKey(kindOf(record))
        const next: KeyRecord = { ...record, hint: hintOf(key) }
        const old: KeyRecord = { ...record, replaced: true, expiresAt: earlier(record.expiresAt, now + graceMs) }
        const done = await rotateKey(
          redis,
          [recordKey(digest), recordKey(digestOf(key)), index],
          [id, digest, text, digestOf(key), JSON.stringify(next), JSON.stringify(old), graceMs + TOMBSTONE_MS],
        )
        if (done !== 1) continue
        await redis.publish(changed, digest)
        cache.forget(digest)
        return { ...(await shown(next)), key, previous_expires_at: toIso(old.expiresAt ?? now) }
      }
    },
    noteV1: (id) => uses.v1.note(id),
    async revoke(id) {
      const { digest, record } = await recordOf(id)
      const others = admin ? ['admin'] : (await managers()).filter((manager) => manager !== id)
      if (others.length === 0 && record.scopes.includes('keys:write'))
        throw LastAdminKey('Make another key with the scope keys:write first.')
      await redis
        .multi()
        .set(recordKey(digest), JSON.stringify({ ...record, revoked: true }), 'PX', TOMBSTONE_MS)
        .hdel(index, id)
        .hdel(uses.all.place, id)
        .hdel(uses.v1.place, id)
        .publish(changed, digest)
        .exec()
      cache.forget(digest)
    },
    forget: (digest) => cache.forget(digest),
  }
}

const kindOf = ({ subscriber }: { subscriber?: string | undefined }): 'sk' | 'pk' =>
  subscriber === undefined ? 'sk' : 'pk'

const hintOf = (key: string): string => `${key.slice(0, 10)}…${key.slice(-4)}`

/** The earlier of two ends; null is never. */
const earlier = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other)

const patched = (record: KeyRecord, patch: ApiKeyPatch): KeyRecord => ({
  ...record,
  ...(patch.name === undefined ? {} : { name: patch.name }),
  ...(patch.pinned_version === undefined ? {} : { pinnedVersion: patch.pinned_version ?? undefined }),
  ...(patch.compat === undefined ? {} : { compat: patch.compat }),
})

/** A key can never be made to do more than the one that makes it. */
const refuseMore = (by: Principal, scopes: readonly Scope[], queues: readonly string[]): void => {
  const lacking = scopes.filter((scope) => !by.scopes.includes(scope))
  if (lacking.length > 0) throw InsufficientGrant(`You do not hold ${lacking.join(', ')} yourself.`)
  if (by.queues.includes('*') || queues.every((queue) => by.queues.includes(queue))) return
  throw InsufficientGrant(`Your own key reaches only ${by.queues.join(', ')}.`)
}
