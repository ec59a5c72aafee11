// Links to portals: each opens the webhooks of one subscriber, once, and holds until it is revoked or its time is over.
import { randomBytes } from 'node:crypto'
import { toIso } from '../kernel/clock.ts'
import { makeId } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { script } from '../kernel/script.ts'
import { SUBSCRIBING } from './contract.ts'
import type { Principal } from './contract.ts'
import { digestOf, refuseMore } from './keys.ts'
import { PortalLinkMissing, TooManyPortalLinks } from './portal-contract.ts'
import type { PortalLink, PortalLinkInput } from './portal-contract.ts'
import { ABSOLUTE_MS } from './sessions.ts'

/** Links that hold at once. */
const LINKS_MAX = 1_000
const shape = /^[A-Za-z0-9_-]{43}$/
const CREDENTIAL = 'portal:'
const openLink = script(new URL('./open-link.lua', import.meta.url))

interface LinkRecord {
  id: string
  subscriber: string
  queues: string[]
  createdAt: number
  createdBy: string
  /** Id of the key that made it, or with which the session was opened that did. */
  maker: string
  expiresAt: number
  openedAt: number | null
  endsAt: number | null
  /** Digest of what the link carries. */
  code: string
}

export interface Portal {
  /** `code` is what the link carries; it is kept nowhere. Problems: `insufficient-grant`, `too-many-portal-links`. */
  create(by: Principal, input: PortalLinkInput): Promise<PortalLink & { code: string }>
  /** Those that hold, newest first. */
  list(subscriber?: string): Promise<PortalLink[]>
  /** Problem: `portal-link-not-found`. */
  revoke(id: string): Promise<void>
  /** Whose webhooks a link opens, without opening it; undefined for one that opens nothing. */
  look(code: string): Promise<string | undefined>
  /** Opens a link: who comes in through it. Undefined for one that opens nothing any more. */
  open(code: string): Promise<Principal | undefined>
  /** Whether a session that a link opened still holds; undefined for one that was opened otherwise. */
  stillValid(credential: string): Promise<boolean> | undefined
}

export interface PortalNeeds {
  /** Whether a key is there and valid. */
  keyHolds: (id: string) => Promise<boolean>
  /** Makes every process ask again for sessions of this link. */
  tell: (id: string) => Promise<void>
}

export const createPortal = (kernel: Kernel, { keyHolds, tell }: PortalNeeds): Portal => {
  const { redis, clock } = kernel
  const index = kernel.key('auth', 'portal-links')
  const place = (id: string): string => kernel.key('auth', 'portal-link', id)
  const codePlace = (digest: string): string => kernel.key('auth', 'portal-code', digest)

  const read = async (id: string): Promise<LinkRecord | undefined> => {
    const text = await redis.get(place(id))
    const record = text === null ? undefined : (JSON.parse(text) as LinkRecord)
    return record && (record.endsAt ?? record.expiresAt) > clock.now() ? record : undefined
  }
  const forget = (links: readonly Pick<LinkRecord, 'id' | 'code'>[]) => {
    const steps = redis.multi()
    for (const { id, code } of links) steps.del(place(id)).del(codePlace(code)).zrem(index, id)
    return steps.exec()
  }
  /** Links that hold, newest first. Those whose time is over, and those that opened nothing any more as their key has gone, are
   *  forgotten. */
  const holding = async (): Promise<LinkRecord[]> => {
    await redis.zremrangebyscore(index, '-inf', clock.now())
    const ids = (await redis.zrange(index, 0, -1)).sort().reverse()
    const texts = ids.length === 0 ? [] : await redis.mget(ids.map(place))
    const records = texts.flatMap((text) => (text === null ? [] : [JSON.parse(text) as LinkRecord]))
    const makers = [...new Set(records.map(({ maker }) => maker))]
    const held = await Promise.all(makers.map(keyHolds))
    const gone = new Set(makers.filter((_each, n) => held[n] === false))
    const orphans = records.filter(({ maker }) => gone.has(maker))
    if (orphans.length > 0) await forget(orphans)
    return records.filter(({ maker }) => !gone.has(maker))
  }
  const found = async (code: string): Promise<LinkRecord | undefined> => {
    const id = shape.test(code) ? await redis.get(codePlace(digestOf(code))) : null
    const record = id === null ? undefined : await read(id)
    return record && (await keyHolds(record.maker)) ? record : undefined
  }
  const create: Portal['create'] = async (by, { subscriber, queues, expires_in_s: seconds }) => {
    refuseMore(by, SUBSCRIBING, queues)
    if ((await holding()).length >= LINKS_MAX)
      throw TooManyPortalLinks(`${LINKS_MAX} links hold already; revoke some that are not used.`)
    const now = clock.now()
    const code = randomBytes(32).toString('base64url')
    const lifeMs = seconds * 1_000
    const record: LinkRecord = {
      ...{ id: makeId('pl', now), subscriber, queues, createdAt: now, createdBy: by.name, maker: by.id },
      ...{ expiresAt: now + lifeMs, openedAt: null, endsAt: null, code: digestOf(code) },
    }
    await redis
      .multi()
      .set(place(record.id), JSON.stringify(record), 'PX', lifeMs)
      .set(codePlace(record.code), record.id, 'PX', lifeMs)
      .zadd(index, record.expiresAt, record.id)
      .exec()
    return { ...shown(record), code }
  }
  const list = async (subscriber?: string): Promise<PortalLink[]> =>
    (await holding())
      .filter((record) => subscriber === undefined || record.subscriber === subscriber)
      .map((record) => shown(record))
  const revoke = async (id: string): Promise<void> => {
    const record = await read(id)
    if (!record) throw PortalLinkMissing(`There is no link ${id} that holds.`)
    await forget([record])
    await tell(id)
  }
  const open = async (code: string): Promise<Principal | undefined> => {
    const record = await found(code)
    if (!record) return undefined
    const now = clock.now()
    const endsAt = now + ABSOLUTE_MS
    const opened: LinkRecord = { ...record, openedAt: now, endsAt }
    const keys = [codePlace(record.code), place(record.id), index]
    const isOpen = (await openLink(redis, keys, [record.id, JSON.stringify(opened), ABSOLUTE_MS, endsAt])) === 1
    return isOpen ? guestOf(opened, endsAt) : undefined
  }
  return {
    create: (by, input) => guardRedis(create(by, input)),
    list: (subscriber) => guardRedis(list(subscriber), 'read'),
    revoke: (id) => guardRedis(revoke(id)),
    look: async (code) => (await found(code))?.subscriber,
    open,
    stillValid(credential) {
      if (!credential.startsWith(CREDENTIAL)) return undefined
      return read(credential.slice(CREDENTIAL.length)).then(
        (record) => record !== undefined && record.openedAt !== null && keyHolds(record.maker),
      )
    },
  }
}

const guestOf = ({ id, subscriber, queues }: LinkRecord, endsAt: number): Principal => ({
  kind: 'key',
  id,
  name: `${subscriber} (portal)`,
  scopes: SUBSCRIBING,
  queues,
  subscriber,
  // Pages of theirs that nobody looks away from ask again every few seconds, and may be open twice.
  tier: 'premium',
  expiresAt: endsAt,
  credential: `${CREDENTIAL}${id}`,
})

const isoOf = (at: number | null): string | null => (at === null ? null : toIso(at))

const shown = (record: LinkRecord): PortalLink => ({
  id: record.id,
  subscriber: record.subscriber,
  queues: record.queues,
  created_at: toIso(record.createdAt),
  created_by: record.createdBy,
  expires_at: toIso(record.expiresAt),
  opened_at: isoOf(record.openedAt),
  ends_at: isoOf(record.endsAt),
})
