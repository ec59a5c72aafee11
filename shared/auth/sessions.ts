// Dashboard sessions: a random id in a cookie, everything else in Redis, with an idle and an absolute end.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Kernel } from '../kernel/kernel.ts'
import { createCache } from './cache.ts'
import type { Principal, Scope } from './contract.ts'
import { digestOf } from './keys.ts'

/** A session ends after half an hour without a request, in ms. */
export const IDLE_MS = 30 * 60_000
/** A session ends twelve hours after sign-in, whatever happens, in ms. */
export const ABSOLUTE_MS = 12 * 3_600_000
const TOUCH_EVERY_MS = 60_000

interface SessionRecord {
  id: string
  name: string
  scopes: Scope[]
  queues: string[]
  subscriber?: string | undefined
  /** What the key may ask for: the session asks for no more. */
  tier?: Principal['tier'] | undefined
  limits?: Principal['limits'] | undefined
  until: number
  /** It ends after so long without a request; half an hour unless said. */
  idleMs?: number | undefined
  /** Digest of the key it was opened with; the session ends with that key. */
  key: string
}

export interface Sessions {
  /** Opens a session with the rights of a principal; answers the secret for the cookie. */
  open(principal: Principal, options?: { idleMs?: number }): Promise<{ secret: string; principal: Principal }>
  /** Who a session belongs to; undefined when there is none or it has ended. */
  identify(secret: string): Principal | undefined | Promise<Principal | undefined>
  close(secret: string): Promise<void>
  stillValid(digest: string): Promise<boolean>
  /** Looks the sessions of a key, or of a link, up again. */
  forget: (id: string) => void
}

/** The token unsafe requests of a session carry; it can be made from the cookie's secret only. */
export const csrfOf = (secret: string): string => createHmac('sha256', secret).update('k1n csrf').digest('base64url')

/** Compares in constant time. */
export const sameText = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

export const createSessions = (kernel: Kernel, keyStillValid: (digest: string) => Promise<boolean>): Sessions => {
  const { redis, clock } = kernel
  const place = (digest: string): string => kernel.key('auth', 'session', digest)
  const cache = createCache<SessionRecord>(clock)
  const touched = new Map<string, number>()

  const load = async (digest: string): Promise<SessionRecord | undefined> => {
    const text = await redis.get(place(digest))
    const record = text === null ? undefined : (JSON.parse(text) as SessionRecord)
    return record && record.until > clock.now() && (await keyStillValid(record.key)) ? record : undefined
  }
  const touch = (digest: string, record: SessionRecord): void => {
    const now = clock.now()
    if (now - (touched.get(digest) ?? 0) < TOUCH_EVERY_MS) return
    if (touched.size > 10_000) touched.clear()
    touched.set(digest, now)
    redis
      .pexpire(place(digest), Math.max(1, Math.min(record.idleMs ?? IDLE_MS, record.until - now)))
      .catch(() => undefined)
  }
  const admit = (record: SessionRecord | undefined, digest: string, secret: string): Principal | undefined => {
    if (!record || record.until <= clock.now()) return undefined
    touch(digest, record)
    return principalOf(record, digest, secret)
  }
  return {
    async open(principal, { idleMs } = {}) {
      const secret = randomBytes(32).toString('base64url')
      const digest = digestOf(secret)
      const record: SessionRecord = {
        id: principal.id,
        name: principal.name,
        scopes: [...principal.scopes],
        queues: [...principal.queues],
        subscriber: principal.subscriber,
        tier: principal.tier,
        limits: principal.limits,
        until: Math.min(clock.now() + ABSOLUTE_MS, principal.expiresAt ?? Infinity),
        ...(idleMs !== undefined && { idleMs }),
        key: principal.credential ?? '',
      }
      await redis.set(place(digest), JSON.stringify(record), 'PX', idleMs ?? IDLE_MS)
      return { secret, principal: principalOf(record, digest, secret) }
    },
    identify(secret) {
      const digest = digestOf(secret)
      const known = cache.get(digest, () => load(digest))
      return known instanceof Promise
        ? known.then((record) => admit(record, digest, secret))
        : admit(known, digest, secret)
    },
    async close(secret) {
      const digest = digestOf(secret)
      await redis.del(place(digest))
      cache.forget(digest)
    },
    stillValid: async (digest) => (await load(digest)) !== undefined,
    forget: (id) => cache.forgetAll((record) => record.id === id),
  }
}

const principalOf = (record: SessionRecord, digest: string, secret: string): Principal => ({
  kind: 'session',
  id: record.id,
  name: record.name,
  scopes: record.scopes,
  queues: record.queues,
  ...(record.subscriber === undefined ? {} : { subscriber: record.subscriber }),
  ...(record.tier === undefined ? {} : { tier: record.tier }),
  ...(record.limits === undefined ? {} : { limits: record.limits }),
  csrf: csrfOf(secret),
  expiresAt: record.until,
  credential: digest,
})
