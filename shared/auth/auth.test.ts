// Keys, sessions, links and tickets: who gets in, for how long, and what is never stored.
import { once } from 'node:events'
import { test as base, describe, expect, sweep, testRedisUrl } from '../../test/support/fixtures.ts'
import { generateKey } from '../kernel/api-key.ts'
import { createKernel } from '../kernel/kernel.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createAuth } from './auth.ts'
import type { Auth } from './auth.ts'
import { ROLES, SCOPES } from './contract.ts'
import type { Principal } from './contract.ts'
import { digestOf } from './keys.ts'
import { ABSOLUTE_MS, IDLE_MS } from './sessions.ts'

const admin = generateKey('sk')
const test = base.extend<{ kernel: Kernel; auth: Auth; root: Principal }>({
  kernel: async ({ kernel, prefix, clock }, use) => {
    const own = createKernel({
      settings: { ...kernel.settings, K1N_ADMIN_KEY: admin, REDIS_URL: testRedisUrl() },
      role: 'producer',
      clock,
      log: kernel.log,
      tag: prefix,
    })
    await own.redis.ping().catch(() => new Promise((resolve) => own.redis.once('ready', resolve)))
    await use(own)
    await sweep(own, prefix)
    await own.close()
  },
  auth: async ({ kernel }, use) => use(createAuth(kernel)),
  root: async ({ auth }, use) => use(await auth.keys.identify(admin)),
})
const input = { name: 'ci', role: 'viewer' as const, queues: ['*'] }
const manager = { name: 'boss', scopes: ['keys:write' as const], queues: ['*'] }
const code = (work: () => unknown): Promise<string> =>
  Promise.resolve()
    .then(work)
    .then(
      () => 'fine',
      (error: unknown) => (error as { code?: string }).code ?? String(error),
    )

describe('keys', () => {
  test('the admin key of the settings holds every scope and is not in Redis', async ({ root, kernel, prefix }) => {
    expect(root).toMatchObject({ id: 'admin', scopes: SCOPES, queues: ['*'] })
    expect(await kernel.redis.keys(`{${prefix}}*`)).toEqual([])
  })

  test('a made key works and only its digest is stored', async ({ auth, root, kernel, prefix }) => {
    const { key, id } = await auth.keys.create(root, input)
    expect(await auth.keys.identify(key)).toMatchObject({ id, name: 'ci', scopes: ROLES.viewer })
    const keys = await kernel.redis.keys(`{${prefix}}*`)
    const dumps = await Promise.all(
      keys.map(async (name) => name + ((await kernel.redis.dumpBuffer(name))?.toString('latin1') ?? '')),
    )
    expect(dumps.length).toBeGreaterThan(0)
    for (const dump of dumps) expect(dump).not.toContain(key)
  })

  test('a revoked key says so, in this process at once and elsewhere within five seconds', async ({
    auth,
    root,
    kernel,
    clock,
  }) => {
    const elsewhere = createAuth(kernel)
    const { key, id } = await auth.keys.create(root, input)
    await elsewhere.keys.identify(key)
    await auth.keys.revoke(id)
    expect(await code(() => auth.keys.identify(key))).toBe('key-revoked')
    expect(await code(() => elsewhere.keys.identify(key))).toBe('fine')
    await clock.advance(5_001)
    expect(await code(() => elsewhere.keys.identify(key))).toBe('key-revoked')
  })

  test('all secrets of a revoked key end at once in this process, also those that were replaced', async ({
    auth,
    root,
  }) => {
    const { key, id } = await auth.keys.create(root, input)
    const { key: second } = await auth.keys.rotate(root, id, { grace_s: 600 })
    for (const secret of [key, second]) expect(await code(() => auth.keys.identify(secret))).toBe('fine')
    await auth.keys.revoke(id)
    for (const secret of [key, second]) expect(await code(() => auth.keys.identify(secret))).toBe('key-revoked')
  })

  test('of the two last keys that may manage keys one stays, also when both are revoked at once', async ({
    auth,
    root,
    kernel,
  }) => {
    const { K1N_ADMIN_KEY: _none, ...settings } = kernel.settings
    for (let i = 0; i < 5; i++) {
      const pair = [await auth.keys.create(root, manager), await auth.keys.create(root, manager)]
      const codes = await Promise.all(
        pair.map(({ id }) => code(() => createAuth({ ...kernel, settings }).keys.revoke(id))),
      )
      expect(codes.toSorted()).toEqual(['fine', 'last-admin-key'])
      const [left] = (await auth.keys.list({ limit: 10 })).data
      await auth.keys.revoke(left?.id ?? '')
    }
  })

  test('a started process hears of a revocation at once', async ({ auth, root, kernel }) => {
    const elsewhere = createAuth(kernel)
    await elsewhere.start()
    const { key, id } = await auth.keys.create(root, input)
    await elsewhere.keys.identify(key)
    const heard = new Promise<void>((resolve) => {
      const forget = elsewhere.keys.forget
      elsewhere.keys.forget = (id) => {
        forget(id)
        resolve()
      }
    })
    await expect
      .poll(() => kernel.redis.pubsub('NUMSUB', kernel.key('auth', 'revoked')))
      .toEqual([kernel.key('auth', 'revoked'), 1])
    await auth.keys.revoke(id)
    await heard
    expect(await code(() => elsewhere.keys.identify(key))).toBe('key-revoked')
    await elsewhere.stop()
    await elsewhere.stop()
  })

  test('an unknown key, a mistyped key and an expired key are told apart', async ({ auth, root, clock }) => {
    const expires = new Date(clock.now() + 60_000).toISOString()
    const { key } = await auth.keys.create(root, { ...input, expires_at: expires })
    expect(await code(() => auth.keys.identify(generateKey('sk')))).toBe('invalid-token')
    expect(await code(() => auth.keys.identify(key.slice(0, -1) + (key.endsWith('x') ? 'y' : 'x')))).toBe(
      'invalid-token',
    )
    expect(await code(() => auth.keys.identify(key))).toBe('fine')
    await clock.advance(60_001)
    expect(await code(() => auth.keys.identify(key))).toBe('token-expired')
  })

  test('nobody can make a key that may do more than they may', async ({ auth, root }) => {
    const { key } = await auth.keys.create(root, {
      name: 'limited',
      scopes: ['keys:write', 'jobs:read'],
      queues: ['mail'],
    })
    const limited = await auth.keys.identify(key)
    expect(await code(() => auth.keys.create(limited, { name: 'x', role: 'admin', queues: ['mail'] }))).toBe(
      'insufficient-grant',
    )
    expect(await code(() => auth.keys.create(limited, { name: 'x', scopes: ['jobs:read'], queues: ['*'] }))).toBe(
      'insufficient-grant',
    )
    expect(await code(() => auth.keys.create(limited, { name: 'x', scopes: ['jobs:read'], queues: ['mail'] }))).toBe(
      'fine',
    )
    expect(await code(() => auth.keys.create(root, { ...input, expires_at: '2001-01-01T00:00:00Z' }))).toBe(
      'validation-failed',
    )
  })

  test('lists walk through all keys, newest first', async ({ auth, root, clock }) => {
    const ids: string[] = []
    for (let i = 0; i < 5; i++) {
      await clock.advance(1)
      ids.unshift((await auth.keys.create(root, { ...input, name: `key ${i}` })).id)
    }
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await auth.keys.list({ limit: 2, cursor })
      seen.push(...page.data.map((key) => key.id))
      cursor = page.page.next_cursor ?? undefined
    } while (cursor !== undefined)
    expect(seen).toEqual(ids)
    expect(await code(() => auth.keys.list({ limit: 2, cursor: 'eyJ2IjoxfQ.0123456789abcdef' }))).toBe('invalid-cursor')
  })

  test('a page reads the keys that are on it, also of keys from before there was an order', async ({
    auth,
    root,
    kernel,
    clock,
  }) => {
    const ids: string[] = []
    for (let n = 0; n < 6; n++) {
      ids.unshift((await auth.keys.create(root, { name: `key ${n}`, scopes: [] })).id)
      await clock.advance(1)
    }
    await kernel.redis.del(kernel.key('auth', 'keys-in-order'))
    kernel.redis.hgetall = () => Promise.reject(new Error('all keys were read'))
    expect((await auth.keys.list({ limit: 4 })).data.map(({ id }) => id)).toEqual(ids.slice(0, 4))
    await auth.keys.revoke(ids[1] ?? '')
    const { data, page } = await auth.keys.list({ limit: 5 })
    expect(data.map(({ id }) => id)).toEqual(ids.filter((_, n) => n !== 1))
    expect(page.has_more).toBe(false)
  })

  test('the last key that may manage keys cannot go while there is no admin key', async ({ kernel, auth, root }) => {
    const { K1N_ADMIN_KEY: _gone, ...settings } = kernel.settings
    const bare = createAuth({ ...kernel, settings })
    const first = await auth.keys.create(root, { ...input, role: 'admin' })
    expect(await code(() => bare.keys.revoke(first.id))).toBe('last-admin-key')
    await auth.keys.create(root, { ...input, role: 'admin' })
    expect(await code(() => bare.keys.revoke(first.id))).toBe('fine')
    expect(await code(() => bare.keys.revoke(first.id))).toBe('key-not-found')
  })

  test('a known key is served from memory for 30 s while Redis is away, never as unknown', async ({
    auth,
    root,
    kernel,
    clock,
  }) => {
    const { key } = await auth.keys.create(root, input)
    await auth.keys.identify(key)
    const gone = once(kernel.redis, 'end')
    kernel.redis.disconnect()
    await gone
    await clock.advance(6_000)
    expect(await code(() => auth.keys.identify(key))).toBe('fine')
    await clock.advance(30_000)
    expect(await code(() => auth.keys.identify(key))).toContain('Error')
    expect(await code(() => auth.keys.identify(generateKey('sk')))).toContain('Error')
    await kernel.redis.connect()
  })

  test('a key with another secret works with both until the grace is over, then with the new one', async ({
    auth,
    root,
    clock,
  }) => {
    const { key, id, hint } = await auth.keys.create(root, input)
    await auth.keys.identify(key)
    const rotated = await auth.keys.rotate(root, id, { grace_s: 60 })
    expect(rotated).toMatchObject({ id, name: 'ci', previous_expires_at: new Date(clock.now() + 60_000).toISOString() })
    expect(rotated.hint).not.toBe(hint)
    await auth.keys.edit(root, id, { name: 'renamed' })
    for (const secret of [key, rotated.key])
      expect(await auth.keys.identify(secret)).toMatchObject({ id, name: 'renamed', scopes: ROLES.viewer })
    expect((await auth.keys.list({ limit: 10 })).data.map((one) => one.id)).toEqual([id])
    await clock.advance(60_001)
    expect(await code(() => auth.keys.identify(key))).toBe('token-expired')
    expect(await code(() => auth.keys.identify(rotated.key))).toBe('fine')
  })

  test('a key that is revoked is gone with all its secrets', async ({ auth, root, clock }) => {
    const { key, id } = await auth.keys.create(root, input)
    const second = await auth.keys.rotate(root, id, { grace_s: 3_600 })
    const third = await auth.keys.rotate(root, id, { grace_s: 3_600 })
    for (const secret of [key, second.key, third.key]) expect(await code(() => auth.keys.identify(secret))).toBe('fine')
    await auth.keys.revoke(id)
    await clock.advance(5_001)
    for (const secret of [key, second.key, third.key])
      expect(await code(() => auth.keys.identify(secret))).toBe('key-revoked')
    expect(await code(() => auth.keys.rotate(root, id, { grace_s: 0 }))).toBe('key-not-found')
  })

  test('a key that is revoked while it is given another secret has none that works', async ({ auth, root, kernel }) => {
    for (let i = 0; i < 10; i++) {
      const { key, id } = await auth.keys.create(root, input)
      const [rotated] = await Promise.allSettled([
        auth.keys.rotate(root, id, { grace_s: 60 }),
        auth.keys.revoke(id),
        auth.keys.rotate(root, id, { grace_s: 60 }),
      ])
      const secrets = rotated.status === 'fulfilled' ? [key, rotated.value.key] : [key]
      for (const secret of secrets)
        expect(await code(() => createAuth(kernel).keys.identify(secret))).toBe('key-revoked')
    }
  })

  test('without a grace the old secret ends at once, and a key never outlives its own end', async ({
    auth,
    root,
    clock,
  }) => {
    const expires = new Date(clock.now() + 30_000).toISOString()
    const { key, id } = await auth.keys.create(root, { ...input, expires_at: expires })
    expect(await auth.keys.rotate(root, id, { grace_s: 60 })).toMatchObject({
      previous_expires_at: expires,
      expires_at: expires,
    })
    const { key: newest } = await auth.keys.rotate(root, id, { grace_s: 0 })
    expect(await code(() => auth.keys.identify(key))).toBe('fine')
    expect(await code(() => auth.keys.identify(newest))).toBe('fine')
    await clock.advance(30_001)
    for (const secret of [key, newest]) expect(await code(() => auth.keys.identify(secret))).toBe('token-expired')
  })

  test('nobody gets the secret of a key that may do more than they may', async ({ auth, root }) => {
    const { id } = await auth.keys.create(root, { ...input, role: 'admin' })
    const { key } = await auth.keys.create(root, { name: 'limited', scopes: ['keys:write'], queues: ['*'] })
    const limited = await auth.keys.identify(key)
    expect(await code(() => auth.keys.rotate(limited, id, { grace_s: 60 }))).toBe('insufficient-grant')
  })

  test('two that rotate and change a key at once leave one key that all its secrets lead to', async ({
    auth,
    root,
    kernel,
  }) => {
    const { key, id } = await auth.keys.create(root, input)
    const [one, two] = await Promise.all([
      auth.keys.rotate(root, id, { grace_s: 60 }),
      auth.keys.rotate(root, id, { grace_s: 60 }),
      auth.keys.edit(root, id, { pinned_version: 1 }),
    ])
    for (const secret of [key, one.key, two.key])
      expect(await auth.keys.identify(secret)).toMatchObject({ id, pinnedVersion: 1 })
    await auth.keys.revoke(id)
    for (const secret of [one.key, two.key])
      expect(await code(() => createAuth(kernel).keys.identify(secret))).toBe('key-revoked')
  })

  test('the time of last use is written', async ({ auth, root, kernel }) => {
    const { key } = await auth.keys.create(root, input)
    await auth.keys.identify(key)
    await kernel.redis.ping()
    expect((await auth.keys.list({ limit: 1 })).data[0]?.last_used_at).not.toBeNull()
  })
})

describe('sessions', () => {
  test('a session has the rights of what opened it and a token only its cookie can make', async ({ auth, root }) => {
    const { secret, principal } = await auth.sessions.open(root)
    expect(await auth.sessions.identify(secret)).toEqual(principal)
    expect(principal).toMatchObject({ kind: 'session', scopes: SCOPES })
    expect(principal.csrf).not.toContain(secret)
    expect(await auth.sessions.identify('nobody')).toBeUndefined()
  })

  test('it ends after twelve hours, and in Redis after half an hour without a request', async ({
    auth,
    root,
    kernel,
    clock,
  }) => {
    const { secret } = await auth.sessions.open(root)
    expect(await kernel.redis.pttl(kernel.key('auth', 'session', digestOf(secret)))).toBeGreaterThan(IDLE_MS - 5_000)
    await clock.advance(ABSOLUTE_MS + 1)
    expect(await auth.sessions.identify(secret)).toBeUndefined()
  })

  test('it ends when it is closed, and when its key is revoked', async ({ auth, root, clock }) => {
    const { secret, principal } = await auth.sessions.open(root)
    expect(await auth.stillValid(principal)).toBe(true)
    await auth.sessions.close(secret)
    expect(await auth.sessions.identify(secret)).toBeUndefined()
    expect(await auth.stillValid(principal)).toBe(false)
    const key = await auth.keys.create(root, input)
    const other = await auth.sessions.open(await auth.keys.identify(key.key))
    await auth.keys.revoke(key.id)
    await clock.advance(5_001)
    expect(await auth.sessions.identify(other.secret)).toBeUndefined()
  })
})

describe('things that work once', () => {
  test('a sign-in code opens one session', async ({ auth }) => {
    const link = await auth.once.issueCode()
    expect(await auth.signInWithCode(link)).toMatchObject({ principal: { id: 'admin', kind: 'session' } })
    expect(await auth.signInWithCode(link)).toBeUndefined()
    expect(await auth.signInWithCode('../../x')).toBeUndefined()
  })

  test('a ticket works once, from the address that asked', async ({ auth, root }) => {
    const [first, second] = [
      await auth.once.issueTicket(root, '127.0.0.1'),
      await auth.once.issueTicket(root, '127.0.0.1'),
    ]
    expect(await auth.once.redeemTicket(first, '127.0.0.1')).toEqual(root)
    expect(await auth.once.redeemTicket(first, '127.0.0.1')).toBeUndefined()
    expect(await auth.once.redeemTicket(second, '10.0.0.1')).toBeUndefined()
    expect(await auth.once.redeemTicket('tkt_x', '127.0.0.1')).toBeUndefined()
  })

  test('both have an end in Redis', async ({ auth, root, kernel }) => {
    const [link, ticket] = [await auth.once.issueCode(), await auth.once.issueTicket(root, '::1')]
    expect(await kernel.redis.pttl(kernel.key('auth', 'code', digestOf(link)))).toBeLessThanOrEqual(600_000)
    expect(await kernel.redis.pttl(kernel.key('auth', 'ticket', digestOf(ticket)))).toBeLessThanOrEqual(30_000)
  })
})

describe('failed sign-ins', () => {
  test('twenty a minute and address, then no more until the minute is over', async ({ auth, clock }) => {
    for (let i = 0; i < 20; i++) expect(await code(() => auth.signInWithKey('wrong', '10.0.0.1'))).toBe('invalid-token')
    expect(await code(() => auth.signInWithKey('wrong', '10.0.0.1'))).toBe('too-many-auth-failures')
    expect(await code(() => auth.signInWithKey(admin, '10.0.0.2'))).toBe('fine')
    await clock.advance(60_001)
    expect(await code(() => auth.signInWithKey(admin, '10.0.0.1'))).toBe('fine')
  })

  test('addresses of one IPv6 network count together, and the memory is bounded', async ({ auth }) => {
    for (let i = 0; i < 20; i++) auth.throttle.failed(`2001:db8:1:2:${i}::1`)
    expect(await code(() => auth.throttle.check('2001:db8:1:2:ffff::9'))).toBe('too-many-auth-failures')
    for (let i = 0; i < 10_001; i++) auth.throttle.failed(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
    expect(await code(() => auth.throttle.check('2001:db8:1:2::1'))).toBe('fine')
  })
})
