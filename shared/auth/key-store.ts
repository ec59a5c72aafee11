// Keys in Redis: a record under the digest of its secret, and an index from ids to the newest digests. A change is made only while
// the key is as it was read; whoever is told `false` reads again.
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import { KeyMissing } from './contract.ts'
import type { ApiKey } from './contract.ts'
import { apiKeyOf } from './key-record.ts'
import { createKeyOrder } from './key-order.ts'
import type { KeyRecord } from './key-record.ts'
import { createKeyUses } from './key-uses.ts'
import type { KeyUses } from './key-uses.ts'

/** A key as it was read. */
export interface StoredKey {
  digest: string
  text: string
  record: KeyRecord
}

export interface KeyStore {
  /** When keys were used at all, and in version 1 of the API. */
  readonly uses: { all: KeyUses; v1: KeyUses }
  /** What the secret with this digest leads to; undefined where there is none. */
  load(digest: string): Promise<KeyRecord | undefined>
  /** Problem: `key-not-found`. */
  find(id: string): Promise<StoredKey>
  /** Keys whose ids come before, the newest first, at most so many; with the ids that were looked at. */
  page(before: string | undefined, limit: number): Promise<{ ids: string[]; records: KeyRecord[] }>
  /** All keys, some at a time, in no order. */
  all(): AsyncIterable<KeyRecord>
  add(digest: string, record: KeyRecord): Promise<void>
  replace(stored: StoredKey, record: KeyRecord): Promise<boolean>
  /** Puts the key under another digest; `old` stays under the one before for as long as it counts, and is told of after. */
  rotate(
    stored: StoredKey,
    next: { digest: string; record: KeyRecord; old: KeyRecord; keptMs: number },
  ): Promise<boolean>
  /** Only while there is the other key, where one is named. */
  revoke(stored: StoredKey, other: string | undefined): Promise<boolean>
  /** Keys as they are shown, with when they were used. */
  shown(records: readonly KeyRecord[]): Promise<ApiKey[]>
}

/** How long an old secret is told that it was revoked or has expired, rather than that nobody knows it, in ms. */
const TOLD_MS = 30 * 86_400_000

const replaceKey = script(new URL('./replace-key.lua', import.meta.url))
const rotateKey = script(new URL('./rotate-key.lua', import.meta.url))
const revokeKey = script(new URL('./revoke-key.lua', import.meta.url))

export const createKeyStore = (kernel: Kernel): KeyStore => {
  const { redis } = kernel
  const place = (digest: string): string => kernel.key('auth', 'key', digest)
  const index = kernel.key('auth', 'keys')
  const uses = { all: createKeyUses(kernel, 'used'), v1: createKeyUses(kernel, 'used-v1') }

  const order = createKeyOrder(redis, index, kernel.key('auth', 'keys-in-order'))
  const loadAll = async (digests: readonly (string | null)[]): Promise<KeyRecord[]> => {
    const known = digests.filter((digest) => digest !== null).map(place)
    const texts = known.length === 0 ? [] : await redis.mget(known)
    const records = texts.flatMap((text) => (text === null ? [] : [JSON.parse(text) as KeyRecord]))
    return Promise.all(records.map((record) => (record.replaced ? follow(record) : Promise.resolve(record))))
  }
  const load = async (digest: string): Promise<KeyRecord | undefined> => {
    const text = await redis.get(place(digest))
    const record = text === null ? undefined : (JSON.parse(text) as KeyRecord)
    return record?.replaced ? follow(record) : record
  }
  /** What a replaced secret may do is what its key may do now; with the key it is gone. */
  const follow = async (old: KeyRecord): Promise<KeyRecord> => {
    const digest = await redis.hget(index, old.id)
    const record = digest === null ? undefined : await load(digest)
    return record ? { ...record, expiresAt: earlier(record.expiresAt, old.expiresAt) } : { ...old, revoked: true }
  }
  const find = async (id: string): Promise<StoredKey> => {
    const digest = await redis.hget(index, id)
    const text = digest === null ? null : await redis.get(place(digest))
    if (digest === null || text === null) throw KeyMissing(`There is no key ${id}.`)
    const record = JSON.parse(text) as KeyRecord
    // It was given another secret between the two questions.
    return record.replaced ? find(id) : { digest, text, record }
  }
  return {
    uses,
    load,
    find,
    async page(before, limit) {
      const ids = await order.page(before, limit)
      return { ids, records: ids.length === 0 ? [] : await loadAll(await redis.hmget(index, ...ids)) }
    },
    async *all() {
      for await (const entries of order.scan()) yield* await loadAll(entries.map(([, digest]) => digest))
    },
    async add(digest, record) {
      await redis
        .multi()
        .set(place(digest), JSON.stringify(record))
        .hset(index, record.id, digest)
        .zadd(order.place, 0, record.id)
        .exec()
    },
    replace: async ({ digest, text }, record) =>
      (await replaceKey(redis, [place(digest)], [text, JSON.stringify(record)])) === 1,
    async rotate({ digest, text, record: { id } }, next) {
      const texts = [text, next.digest, JSON.stringify(next.record), JSON.stringify(next.old)]
      const keys = [place(digest), place(next.digest), index]
      return (await rotateKey(redis, keys, [id, digest, ...texts, next.keptMs + TOLD_MS])) === 1
    },
    async revoke({ digest, record }, other = '') {
      const keys = [place(digest), index, order.place, uses.all.place, uses.v1.place]
      const revoked = JSON.stringify({ ...record, revoked: true })
      return (await revokeKey(redis, keys, [record.id, digest, revoked, TOLD_MS, other])) === 1
    },
    async shown(records) {
      const ids = records.map(({ id }) => id)
      const [usedAt, v1UsedAt] = await Promise.all([uses.all.of(ids), uses.v1.of(ids)])
      return records.map((record, at) => apiKeyOf(record, { usedAt: usedAt[at], v1UsedAt: v1UsedAt[at] }))
    },
  }
}

/** The earlier of two ends; null is never. */
const earlier = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other)
