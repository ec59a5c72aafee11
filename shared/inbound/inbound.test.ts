// Events in: each happens once, whatever breaks off in the middle, and starts nothing twice.
import { describe, expect, person, problemOf, test as base } from '../../test/support/rooms.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createVault } from '../kernel/vault.ts'
import { createEventLog } from '../stream/log.ts'
import { EventInput, EventSourceInput } from './contract.ts'
import { createInbound } from './inbound.ts'
import type { Inbound } from './inbound.ts'
import type { EventsQuery } from './look.ts'
import type { SentEvent } from './react.ts'
import type { Arrival } from './receive.ts'

interface Here {
  /** What reacted, in order. */
  heard: SentEvent[]
  /** Lets the next reaction fail. */
  fail: { next: boolean }
  inbound: Inbound
}

const test = base.extend<Here>({
  heard: async ({}, use) => use([]),
  fail: async ({}, use) => use({ next: false }),
  inbound: async ({ kernel, heard, fail }, use) =>
    use(
      createInbound(kernel, {
        react(event) {
          if (fail.next) {
            fail.next = false
            return Promise.reject(new Error('the process was killed'))
          }
          heard.push(event)
          return Promise.resolve([{ schedule_id: 'bill', task_id: `billing:t_${event.id}` }])
        },
      }),
    ),
})

const me = person()
const order = (more: object = {}) =>
  EventInput.parse({ event: 'order.placed', data: { amount: 5 }, id: 'order-7', ...more })
const facts = async (kernel: Kernel) =>
  (await createEventLog(kernel).readAfter('0-0', 100)).map(({ name, data }) => [name, JSON.parse(data) as unknown])

describe('an event', () => {
  test('stands in the log as it was sent, and the answer names what it started', async ({ kernel, inbound, heard }) => {
    const answer = await inbound.publish(me, order(), { hop: 2 })
    const matched = [{ schedule_id: 'bill', task_id: 'billing:t_order-7' }]
    expect(answer).toEqual({ event_id: 'order-7', duplicate: false, matched })
    expect(await facts(kernel)).toEqual([['order.placed', { amount: 5 }]])
    expect(heard).toMatchObject([{ id: 'order-7', name: 'order.placed', data: { amount: 5 }, hop: 2 }])
    expect(await inbound.show(me, 'order-7')).toMatchObject({ id: 'order-7', hop: 2, matched, data: { amount: 5 } })
  })

  test('of which nobody knows yet what it started says so, and not that it started nothing', async ({
    inbound,
    fail,
  }) => {
    fail.next = true
    await expect(inbound.publish(me, order(), { hop: 0 })).rejects.toThrow('killed')
    expect(await inbound.show(me, 'order-7')).toMatchObject({ id: 'order-7', matched: null })
  })

  test('that comes again is the same one for a day, and another one is refused', async ({ kernel, inbound, heard }) => {
    const first = await inbound.publish(me, order(), { hop: 0 })
    expect(await inbound.publish(me, order(), { hop: 0 })).toEqual({ ...first, duplicate: true })
    for (const other of [{ data: { amount: 6 } }, { event: 'order.paid' }, { subject: 'x' }])
      expect(await problemOf(inbound.publish(me, order(other), { hop: 0 }))).toMatchObject({ code: 'event-id-reused' })
    expect(heard).toHaveLength(1)
    expect(await facts(kernel)).toHaveLength(1)
    const life = await kernel.redis.pttl(kernel.key('inbound', 'event', 'order-7'))
    expect(life).toBeGreaterThan(86_300_000)
  })

  test('of fifty that come at once stands in the log once', async ({ kernel, inbound }) => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => inbound.publish(me, order(), { hop: 0 })))
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1)
    expect(new Set(answers.map(({ matched }) => JSON.stringify(matched))).size).toBe(1)
    expect(await facts(kernel)).toHaveLength(1)
  })

  test('whose process was killed before it could react does so when it comes again', async ({
    kernel,
    inbound,
    heard,
    fail,
  }) => {
    fail.next = true
    await expect(inbound.publish(me, order(), { hop: 0 })).rejects.toThrow('killed')
    expect(await inbound.publish(me, order(), { hop: 0 })).toMatchObject({
      duplicate: true,
      matched: [{ task_id: 'billing:t_order-7' }],
    })
    expect(heard).toHaveLength(1)
    expect(await facts(kernel)).toHaveLength(1)
  })

  test('that went through k1n more than five times is refused, alone and among others', async ({ inbound, heard }) => {
    await inbound.publish(me, order(), { hop: 5 })
    const late = order({ id: 'order-8' })
    expect(await problemOf(inbound.publish(me, late, { hop: 6 }))).toMatchObject({ code: 'too-many-hops' })
    expect(await problemOf(inbound.publishMany(me, [late], { hop: 6 }))).toMatchObject({ code: 'too-many-hops' })
    expect(heard).toHaveLength(1)
  })

  test('without an id has one of its key, or one of its own', async ({ inbound }) => {
    const input = order({ id: undefined })
    const byKey = await inbound.publish(me, input, { idempotencyKey: 'k', hop: 0 })
    expect(await inbound.publish(me, input, { idempotencyKey: 'k', hop: 0 })).toEqual({ ...byKey, duplicate: true })
    const stranger = await inbound.publish(person({ id: 'key_2' }), input, { idempotencyKey: 'k', hop: 0 })
    expect(stranger).toMatchObject({ duplicate: false })
    const ids = [
      byKey,
      stranger,
      await inbound.publish(me, input, { hop: 0 }),
      await inbound.publish(me, input, { hop: 0 }),
    ]
    expect(new Set(ids.map(({ event_id }) => event_id)).size).toBe(4)
  })

  test('keeps its time; one that is yet to come is refused', async ({ inbound, clock }) => {
    await inbound.publish(me, order({ occurred_at: '2026-01-02T03:04:05.000Z' }), { hop: 0 })
    expect(await inbound.show(me, 'order-7')).toMatchObject({ occurred_at: '2026-01-02T03:04:05.000Z' })
    const later = order({ id: 'x', occurred_at: new Date(clock.now() + 3_600_000).toISOString() })
    expect(await problemOf(inbound.publish(me, later, { hop: 0 }))).toMatchObject({ code: 'validation-failed' })
  })
})

describe('what happened', () => {
  test('is listed newest first, by name and time, page by page', async ({ inbound, clock }) => {
    for (let n = 0; n < 5; n++)
      await inbound.publish(me, order({ id: `o${n}`, event: n % 2 ? 'a.b' : 'a.c' }), { hop: 0 })
    const list = (more: object) => inbound.list(me, { limit: 50, ...more })
    const idsOf = async (more: object) => (await list(more)).data.map(({ id }) => id)
    expect(await idsOf({})).toEqual(['o4', 'o3', 'o2', 'o1', 'o0'])
    expect(await idsOf({ type: ['a.b'] })).toEqual(['o3', 'o1'])
    expect(await idsOf({ type: ['a.*'] })).toHaveLength(5)
    expect(await idsOf({ from: new Date(clock.now() + 60_000).toISOString() })).toEqual([])
    expect(await idsOf({ to: '0000-01-01T00:00:00.000Z' })).toEqual([])
    expect(
      await idsOf({ from: '0000-01-01T00:00:00.000Z', to: new Date(clock.now() + 60_000).toISOString() }),
    ).toHaveLength(5)
    const first = await list({ limit: 2, type: ['a.c'] })
    expect(first.data.map(({ id }) => id)).toEqual(['o4', 'o2'])
    const second = await list({ limit: 2, type: ['a.c'], cursor: first.page.next_cursor })
    expect(second.data.map(({ id }) => id)).toEqual(['o0'])
    expect(second.page.has_more).toBe(false)
  })

  test('is looked through a bounded part at a time', async ({ kernel, inbound }) => {
    const pipeline = kernel.redis.pipeline()
    for (let n = 0; n < 2_100; n++) pipeline.xadd(kernel.key('events'), '*', 'queue.drained@5', '{"queue":"mail"}')
    await pipeline.exec()
    const page = await inbound.list(me, { limit: 5, type: ['no.such'] })
    expect(page).toMatchObject({ data: [], searched: { searched: 2_000, complete: false }, page: { has_more: true } })
    const rest = await inbound.list(me, { limit: 5, type: ['no.such'], cursor: page.page.next_cursor ?? '' })
    expect(rest).toMatchObject({ searched: { searched: 100, complete: true }, page: { has_more: false } })
  })

  test('from outside is found among however many facts of k1n, page by page, as far as the log goes back', async ({
    kernel,
    inbound,
  }) => {
    const { id: source } = await inbound.sources.create(me, sourceInput)
    for (let n = 0; n < 3; n++) {
      await inbound.publish(me, order({ id: `o${n}`, event: n === 1 ? 'a.c' : 'a.b' }), { hop: 0 })
      if (n === 1) await inbound.receive(arrival(source))
      const pipeline = kernel.redis.pipeline()
      for (let k = 0; k < 2_100; k++) pipeline.xadd(kernel.key('events'), '*', 'queue.drained@5', '{"queue":"mail"}')
      await pipeline.exec()
    }
    const list = (more: Partial<EventsQuery>) => inbound.list(me, { limit: 50, origin: 'outside', ...more })
    const namesOf = async (more: Partial<EventsQuery>) => (await list(more)).data.map(({ event }) => event)
    expect(await namesOf({})).toEqual(['a.b', 'shop.orders.paid', 'webhook.received', 'a.c', 'a.b'])
    expect(await namesOf({ type: ['a.*'] })).toEqual(['a.b', 'a.c', 'a.b'])
    expect(await namesOf({ origin: undefined, source_id: source })).toEqual(['shop.orders.paid', 'webhook.received'])
    const first = await list({ limit: 2 })
    expect(first).toMatchObject({ data: [{ id: 'o2' }, {}], page: { has_more: true } })
    const rest = await list({ limit: 50, cursor: first.page.next_cursor ?? '' })
    expect(rest.data.map(({ event }) => event)).toEqual(['webhook.received', 'a.c', 'a.b'])
    expect(rest).toMatchObject({ searched: { complete: true }, page: { has_more: false } })
    await kernel.redis.xtrim(kernel.key('events'), 'MINID', first.data[0]?.position ?? '')
    expect(await list({})).toMatchObject({ data: [{ id: 'o2' }], page: { has_more: false } })
  })

  test('is told by where it came from, with what it set off', async ({ kernel, inbound }) => {
    await kernel.redis.xadd(kernel.key('events'), '*', 'queue.drained@5', '{"queue":"mail"}')
    await inbound.publish(me, order(), { hop: 0 })
    const { id } = await inbound.sources.create(me, sourceInput)
    await inbound.receive(arrival(id))
    const names = async (query: Partial<EventsQuery>) =>
      (await inbound.list(me, { limit: 50, ...query })).data.map(({ event }) => event)
    expect(await names({ origin: 'outside' })).toEqual(['shop.orders.paid', 'webhook.received', 'order.placed'])
    expect(await names({ source_id: id })).toEqual(['shop.orders.paid', 'webhook.received'])
    expect(await names({ origin: 'k1n' })).toEqual(['event_source.changed', 'queue.drained'])
    const { data } = await inbound.list(me, { limit: 50, type: ['order.placed', 'queue.drained'] })
    expect(data.map(({ matched }) => matched)).toEqual([[{ schedule_id: 'bill', task_id: 'billing:t_order-7' }], null])
  })

  test('is read no further than is good for the memory, where events are large', async ({ inbound }) => {
    const data = { text: 'x'.repeat(260_000) }
    for (let n = 0; n < 20; n++) await inbound.publish(me, order({ id: `large${n}`, event: 'large', data }), { hop: 0 })
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const { data: events, page } = await inbound.list(me, { limit: 50, cursor })
      expect(events.length).toBeLessThan(18)
      seen.push(...events.map(({ id }) => id))
      cursor = page.next_cursor ?? undefined
    } while (cursor !== undefined)
    expect(seen).toEqual(Array.from({ length: 20 }, (_, n) => `large${19 - n}`))
  })

  test('in queues that somebody may not see is not told to them; events are of no queue', async ({
    kernel,
    inbound,
  }) => {
    const id = await kernel.redis.xadd(kernel.key('events'), '*', 'queue.drained@5', '{"queue":"secret"}')
    await inbound.publish(me, order({ data: { queue: 'secret' } }), { hop: 0 })
    const guest = person({ queues: ['mail'] })
    expect((await inbound.list(guest, { limit: 50 })).data.map(({ event }) => event)).toEqual(['order.placed'])
    expect(await problemOf(inbound.show(guest, id ?? ''))).toMatchObject({ code: 'event-not-found' })
    expect(await inbound.show(me, id ?? '')).toMatchObject({ id, event: 'queue.drained', matched: null })
  })
})

const SECRET = 'a shared secret'
const sourceInput = EventSourceInput.parse({
  name: 'Shop',
  verify: { scheme: 'shared_secret', header: 'X-Token', id_header: 'X-Id', secret: SECRET },
  emit: { event: 'shop', append: { path: 'topic' } },
})

const arrival = (source: string, more: Partial<Arrival> & { body?: string } = {}): Arrival => ({
  source,
  ip: '192.0.2.1',
  headers: { 'x-token': SECRET, 'x-id': 'd1' },
  hop: 1,
  read: () => Promise.resolve(Buffer.from(more.body ?? '{"topic":"orders.paid"}')),
  parse: (raw) => JSON.parse(raw.toString()) as unknown,
  ...more,
})

describe('a webhook of another service', () => {
  test('becomes two events, once, however often it is sent', async ({ kernel, inbound, heard }) => {
    const { id } = await inbound.sources.create(me, sourceInput)
    const first = await inbound.receive(arrival(id))
    const told = (await facts(kernel)).filter(([name]) => name !== 'event_source.changed')
    expect(told).toEqual([
      [
        'webhook.received',
        { source_id: id, event_id: expect.any(String) as string, payload: { topic: 'orders.paid' } },
      ],
      ['shop.orders.paid', { topic: 'orders.paid' }],
    ])
    expect(first).toMatchObject({ duplicate: false, matched: [{ schedule_id: 'bill' }, { schedule_id: 'bill' }] })
    expect(await inbound.receive(arrival(id))).toEqual({ ...first, duplicate: true })
    expect(heard.map(({ name, hop }) => [name, hop])).toEqual([['webhook.received', 1], ['shop.orders.paid', 1]]) // prettier-ignore
    expect(await inbound.sources.show(id)).toMatchObject({ received: 1, duplicates: 1, refused: 0, last_refusal: null })
    expect((await inbound.list(me, { limit: 1 })).data).toMatchObject([{ source_id: id, event: 'shop.orders.paid' }])
  })

  test('is refused where its source cannot be read, which is told once', async ({ kernel, inbound, logged }) => {
    const { id } = await inbound.sources.create(me, sourceInput)
    await kernel.redis.hset(kernel.key('inbound', 'sources'), id, '9 {"moon":1}')
    for (let n = 0; n < 2; n++)
      expect(await problemOf(inbound.receive(arrival(id)))).toMatchObject({ code: 'invalid-signature' })
    expect((await inbound.sources.list({ limit: 10 })).data).toEqual([])
    expect(logged).toMatchObject([{ level: 'warn', kind: 'event source', id, version: 9 }])
  })

  test('is refused alike where there is no source, it is off, or the signature is wrong', async ({ inbound }) => {
    const { id } = await inbound.sources.create(me, sourceInput)
    const off = await inbound.sources.create(me, { ...sourceInput, enabled: false })
    const refusals = [
      await problemOf(inbound.receive(arrival('src_0000'))),
      await problemOf(inbound.receive(arrival(off.id))),
      await problemOf(inbound.receive(arrival(id, { headers: { 'x-token': 'wrong' } }))),
    ]
    for (const { code, message } of refusals)
      expect({ code, message }).toEqual({ code: 'invalid-signature', message: refusals[0]?.message })
    const reasonOf = async (source: string) => (await inbound.sources.show(source)).last_refusal?.reason
    await expect.poll(() => reasonOf(off.id)).toBe('disabled')
    await expect.poll(() => reasonOf(id)).toBe('wrong_signature')
  })

  test('that went through k1n too often is refused where it is signed, and told nothing where it is not', async ({
    inbound,
    heard,
  }) => {
    const { id } = await inbound.sources.create(me, sourceInput)
    expect(await problemOf(inbound.receive(arrival(id, { hop: 6 })))).toMatchObject({ code: 'too-many-hops' })
    const stranger = arrival(id, { hop: 6, headers: { 'x-token': 'wrong' } })
    expect(await problemOf(inbound.receive(stranger))).toMatchObject({ code: 'invalid-signature' })
    expect(heard).toEqual([])
  })

  test('is taken with the secret before for as long as a rotation grants, and with the new one', async ({
    inbound,
    clock,
  }) => {
    const { id } = await inbound.sources.create(me, sourceInput)
    const rotated = await inbound.sources.rotate(me, id, { grace_s: 60 })
    const secret = rotated.secret ?? ''
    expect(rotated.secrets).toHaveLength(2)
    const send = (token: string, delivery: string) =>
      inbound.receive(arrival(id, { headers: { 'x-token': token, 'x-id': delivery } }))
    await send(SECRET, 'a')
    await send(secret, 'b')
    await clock.advance(60_000)
    expect(await problemOf(send(SECRET, 'c'))).toMatchObject({ code: 'invalid-signature' })
    await send(secret, 'd')
    expect((await inbound.sources.show(id)).secrets).toEqual([{ hint: secret.slice(-4), expires_at: null }])
  })

  test('of a short secret no more than an eighth is shown', async ({ inbound }) => {
    const hintOf = async (secret: string) => {
      const input = { ...sourceInput, verify: { ...sourceInput.verify, secret } }
      return (await inbound.sources.create(me, input)).secrets[0]?.hint
    }
    expect(await hintOf('8letters')).toBe('s')
    expect(await hintOf('sixteen letters!')).toBe('s!')
    expect(await hintOf('x'.repeat(60) + 'tail')).toBe('tail')
  })

  test('of one source that is refused too often keeps the address from that source only', async ({
    inbound,
    clock,
  }) => {
    const [one, other] = [await inbound.sources.create(me, sourceInput), await inbound.sources.create(me, sourceInput)]
    const wrong = { headers: { 'x-token': 'wrong' } }
    for (let n = 0; n < 20; n++) await problemOf(inbound.receive(arrival(one.id, wrong)))
    const refused = await problemOf(inbound.receive(arrival(one.id, { read: () => Promise.reject(new Error('read')) })))
    expect(refused).toMatchObject({ code: 'too-many-deliveries', extras: { retryAfterMs: 60_000 } })
    await inbound.receive(arrival(other.id))
    await inbound.receive(arrival(one.id, { ip: '192.0.2.2' }))
    await clock.advance(60_000)
    await inbound.receive(arrival(one.id, { headers: { 'x-token': SECRET, 'x-id': 'later' } }))
  })

  test('of one address waits while a hundred are under way, each of which may hold a body', async ({ inbound }) => {
    const { id } = await inbound.sources.create(me, sourceInput)
    const gate = Promise.withResolvers<Buffer>()
    const slow = Array.from({ length: 100 }, () => inbound.receive(arrival(id, { read: () => gate.promise })))
    expect(await problemOf(inbound.receive(arrival(id)))).toMatchObject({
      code: 'too-many-deliveries',
      extras: { retryAfterMs: 1_000 },
    })
    await inbound.receive(arrival(id, { ip: '192.0.2.9' }))
    gate.resolve(Buffer.from('{}'))
    await Promise.all(slow)
    await inbound.receive(arrival(id))
  })

  test('from one address is taken 6,000 times a minute', async ({ inbound }) => {
    const unread = arrival('src_0', { read: () => Promise.reject(new Error('read')) })
    for (let n = 0; n < 6_000; n++)
      await expect(inbound.receive({ ...unread, source: `src_${n}` })).rejects.toThrow('read')
    expect(await problemOf(inbound.receive(unread))).toMatchObject({ code: 'too-many-deliveries' })
  })

  test('without an id of its own is told each time where nothing is signed', async ({ inbound, heard }) => {
    const { id } = await inbound.sources.create(me, {
      ...sourceInput,
      verify: { scheme: 'none', id_header: null },
      emit: null,
    })
    await inbound.receive(arrival(id))
    expect(await inbound.receive(arrival(id))).toMatchObject({ duplicate: false })
    expect(heard).toHaveLength(2)
  })
})

describe('secrets', () => {
  test('are sealed at rest, and cannot be kept without a key', async ({ kernel, inbound }) => {
    const { id } = await inbound.sources.create(me, sourceInput)
    const record = (await kernel.redis.hget(kernel.key('inbound', 'sources'), id)) ?? ''
    expect(record).not.toContain(SECRET)
    const bare = createInbound({ ...kernel, vault: createVault([]) }, { react: () => Promise.resolve([]) })
    expect(await problemOf(bare.sources.create(me, sourceInput))).toMatchObject({ code: 'secrets-unavailable' })
    expect(await problemOf(bare.receive(arrival(id)))).toMatchObject({ code: 'invalid-signature' })
    await expect.poll(async () => (await inbound.sources.show(id)).last_refusal?.reason).toBe('secret_unreadable')
  })
})
