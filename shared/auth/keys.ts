// API keys: only their digests are stored, so nobody who reads Redis can use one.
import { hash } from 'node:crypto'
import { generateKey, isKey } from '../kernel/api-key.ts'
import { toIso } from '../kernel/clock.ts'
import { makeId } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Page } from '../kernel/page.ts'
import { isProblem } from '../kernel/problem.ts'
import { InvalidToken, KeyRevoked, PreconditionFailed, TokenExpired, ValidationFailed } from '../kernel/problems.ts'
import { createCache } from './cache.ts'
import { InsufficientGrant, KeyExpired, LastAdminKey, ROLES, SCOPES } from './contract.ts'
import type { ApiKey, ApiKeyInput, ApiKeyPatch, KeyRotated, KeyRotation, Principal, Scope } from './contract.ts'
import { listKeys } from './key-list.ts'
import { refuseRaise } from './key-limits.ts'
import { apiKeyOf, versionOf } from './key-record.ts'
import type { KeyRecord } from './key-record.ts'
import { createKeyStore } from './key-store.ts'

/** Which versions of a key a change is for; any unless said. Problem: `precondition-failed`. */
export interface Only {
  versions?: number[] | 'any' | undefined
}

export interface Keys {
  /** Who a key belongs to. Throws `invalid-token`, `token-expired` or `key-revoked`; Redis errors when it must be asked and is away. */
  identify(key: string): Principal | Promise<Principal>
  /** Whether what made this principal still holds; a stream asks once a minute. */
  stillValid(digest: string): Promise<boolean>
  create(by: Principal, input: ApiKeyInput): Promise<ApiKey & { key: string }>
  list(query: { limit: number; cursor?: string | undefined }): Promise<Page<ApiKey>>
  show(id: string): Promise<ApiKey>
  /** Every process of the fleet knows of a change within five seconds, most at once. Problem: `insufficient-grant` for a key that may
   *  do more than whoever edits it. */
  edit(by: Principal, id: string, patch: ApiKeyPatch, only?: Only): Promise<ApiKey>
  /** Gives a key another secret. The old one works for the grace period. */
  rotate(by: Principal, id: string, rotation: KeyRotation, only?: Only): Promise<KeyRotated>
  /** A key was used in version 1 of the API. */
  noteV1(id: string): void
  /** Revokes a key. Every process of the fleet knows within five seconds, most at once. */
  revoke(id: string, only?: Only): Promise<void>
  /** Whether there is such a key and it may be used; the admin key of the settings always. */
  holds(id: string): Promise<boolean>
  /** Looks a key up again, by whichever of its secrets it is shown next. */
  forget: (id: string) => void
  /** Has every process look it up again. */
  tell(id: string): Promise<void>
}

export const digestOf = (secret: string): string => hash('sha256', secret)

/** Id of the key of the settings. */
const ADMIN = 'admin'

const adminPrincipal = (digest: string): Principal => ({
  kind: 'key',
  id: ADMIN,
  name: 'admin',
  scopes: SCOPES,
  queues: ['*'],
  tier: 'internal',
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
  ...(record.tier === undefined ? {} : { tier: record.tier }),
  ...(record.limits === undefined ? {} : { limits: record.limits }),
  ...(record.pinnedVersion === undefined ? {} : { pinnedVersion: record.pinnedVersion }),
  ...(record.compat ? { deprecationFormat: record.compat.deprecation } : {}),
  ...(record.expiresAt === null ? {} : { expiresAt: record.expiresAt }),
})

/** Keys of one installation. The admin key of the settings always works and is not in Redis at all. */
export const createKeys = (kernel: Kernel): Keys => {
  const { redis, clock } = kernel
  const changed = kernel.key('auth', 'revoked')
  const store = createKeyStore(kernel)
  const cache = createCache<KeyRecord>(clock)
  const adminDigest = kernel.settings.K1N_ADMIN_KEY === undefined ? undefined : digestOf(kernel.settings.K1N_ADMIN_KEY)
  const admin = adminDigest === undefined ? undefined : adminPrincipal(adminDigest)

  const admit = (record: KeyRecord, digest: string): Principal => {
    if (record.revoked) throw KeyRevoked('The key was revoked.')
    if (record.expiresAt !== null && isOver(record))
      throw TokenExpired(`The key expired at ${toIso(record.expiresAt)}.`)
    store.uses.all.note(record.id)
    return principalOf(record, digest)
  }
  const shown = async (record: KeyRecord): Promise<ApiKey> => {
    const [key] = await store.shown([record])
    return key ?? apiKeyOf(record)
  }
  const isOver = ({ expiresAt }: KeyRecord): boolean => expiresAt !== null && expiresAt <= clock.now()
  const isValid = (record: KeyRecord): boolean => !record.revoked && !isOver(record)
  const forget = (id: string): void => cache.forgetAll((record) => record.id === id)
  const tell = async (id: string): Promise<void> => {
    forget(id)
    await redis.publish(changed, id)
  }
  const unknown = (): never => {
    throw InvalidToken('The key is not known here.')
  }
  const isManager = (record: KeyRecord): boolean => isValid(record) && record.scopes.includes('keys:write')
  /** Another key that may manage keys, which must stay when this one goes; undefined where none must. */
  const successorOf = async ({ id, scopes }: KeyRecord): Promise<string | undefined> => {
    if (admin || !scopes.includes('keys:write')) return undefined
    for await (const record of store.all()) if (record.id !== id && isManager(record)) return record.id
    throw LastAdminKey('Make another key with the scope keys:write first.')
  }
  return {
    identify(key) {
      const digest = digestOf(key)
      if (admin && digest === adminDigest) return admin
      const known = isKey(key) ? cache.get(digest, () => store.load(digest)) : unknown()
      if (!(known instanceof Promise)) return admit(known, digest)
      return known.then((record) => (record === undefined ? unknown() : admit(record, digest)))
    },
    async stillValid(digest) {
      if (digest === adminDigest) return true
      const record = await cache.get(digest, () => store.load(digest))
      return record !== undefined && isValid(record)
    },
    async create(by, input) {
      const now = clock.now()
      const scopes = [...new Set(input.scopes ?? (input.role ? ROLES[input.role] : []))]
      // Strangers hear of a queue only when somebody said so.
      const queues = input.queues ?? (input.subscriber === undefined ? ['*'] : [])
      refuseMore(by, scopes, queues)
      refuseRaise(by, {}, input)
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
        tier: input.tier,
        limits: input.limits,
        pinnedVersion: input.pinned_version,
        compat: input.compat,
        createdAt: now,
        createdBy: by.name,
        expiresAt,
      }
      await store.add(digestOf(key), record)
      return { ...apiKeyOf(record), key }
    },
    list: (query) => listKeys(kernel, store, query),
    show: async (id) => shown((await store.find(id)).record),
    async edit(by, id, patch, only) {
      const stored = await store.find(id)
      refuseOther(stored.record, only)
      refuseMore(by, stored.record.scopes, stored.record.queues)
      const edited = patched(stored.record, patch)
      refuseRaise(by, stored.record, edited)
      if (!(await store.replace(stored, edited))) return this.edit(by, id, patch, only)
      await tell(id)
      return shown(edited)
    },
    async rotate(by, id, rotation, only) {
      const stored = await store.find(id)
      const { record } = stored
      refuseOther(record, only)
      refuseMore(by, record.scopes, record.queues)
      refuseRaise(by, {}, record)
      if (isOver(record)) throw KeyExpired('Make a new key; this one has expired.')
      const keptMs = rotation.grace_s * 1_000
      const key = generateKey(kindOf(record))
      const next: KeyRecord = { ...record, hint: hintOf(key), version: versionOf(record) + 1 }
      const until = Math.min(clock.now() + keptMs, record.expiresAt ?? Infinity)
      const old: KeyRecord = { ...record, replaced: true, expiresAt: until }
      if (!(await store.rotate(stored, { digest: digestOf(key), record: next, old, keptMs })))
        return this.rotate(by, id, rotation, only)
      await tell(id)
      return { ...(await shown(next)), key, previous_expires_at: toIso(until) }
    },
    noteV1: (id) => store.uses.v1.note(id),
    async revoke(id, only) {
      const stored = await store.find(id)
      refuseOther(stored.record, only)
      if (!(await store.revoke(stored, await successorOf(stored.record)))) return this.revoke(id, only)
      await tell(id)
    },
    async holds(id) {
      if (id === ADMIN) return true
      const stored = await store.find(id).catch((error: unknown) => {
        if (!isProblem(error)) throw error
      })
      return stored !== undefined && isValid(stored.record)
    },
    forget,
    tell,
  }
}

const kindOf = ({ subscriber }: { subscriber?: string | undefined }): 'sk' | 'pk' =>
  subscriber === undefined ? 'sk' : 'pk'

const hintOf = (key: string): string => `${key.slice(0, 10)}…${key.slice(-4)}`

const patched = (record: KeyRecord, patch: ApiKeyPatch): KeyRecord => ({
  ...record,
  ...(patch.name === undefined ? {} : { name: patch.name }),
  ...(patch.tier === undefined ? {} : { tier: patch.tier }),
  ...(patch.limits === undefined ? {} : { limits: patch.limits ?? undefined }),
  ...(patch.pinned_version === undefined ? {} : { pinnedVersion: patch.pinned_version ?? undefined }),
  ...(patch.compat === undefined ? {} : { compat: patch.compat }),
  version: versionOf(record) + 1,
})

/** A change of what was read is refused once that is another one. */
const refuseOther = (record: KeyRecord, { versions = 'any' }: Only = {}): void => {
  const version = versionOf(record)
  if (versions !== 'any' && !versions.includes(version))
    throw PreconditionFailed(`The key has version ${version} by now. Read it again, then repeat the change.`)
}

/** Nobody makes, renews or changes a key, or opens a portal, that may do more than its own. */
export const refuseMore = (by: Principal, scopes: readonly Scope[], queues: readonly string[]): void => {
  const lacking = scopes.filter((scope) => !by.scopes.includes(scope))
  if (lacking.length > 0) throw InsufficientGrant(`You do not hold ${lacking.join(', ')} yourself.`)
  if (by.queues.includes('*') || queues.every((queue) => by.queues.includes(queue))) return
  throw InsufficientGrant(`Your own key reaches only ${by.queues.join(', ')}.`)
}
