// How endpoints fare, for many at once, and when they are deleted.
import { answers, describe, expect, register, tellFacts, test as base } from '../../test/support/deliveries.ts'
import { person } from '../../test/support/rooms.ts'
import { createEventLog, eventLogKey } from '../stream/log.ts'
import { EndpointChanged } from '../webhooks/events.ts'
import { createWebhookStore } from '../webhooks/store.ts'
import { createDeliveries, createHealth } from './deliveries.ts'
import type { Deliveries } from './deliveries.ts'
import { tidyDeliveries } from './tidy.ts'

const test = base.extend<{ deliveries: Deliveries }>({
  deliveries: async ({ kernel, bull, operations }, use) => use(createDeliveries(kernel, { bull, operations })),
})

describe('how endpoints fare', () => {
  test('is told of many at once, without those that are gone or of another subscriber', async ({
    kernel,
    store,
    deliveries,
    me,
  }) => {
    await register(kernel, 'wh_a', 'http://127.0.0.1:9/', { subscriber: 'acme' })
    await register(kernel, 'wh_b', 'http://127.0.0.1:9/', { subscriber: 'other' })
    await store.open([{ key: 'k', webhookId: 'wh_b', eventId: '1-0', eventType: 'queue.drained', order: '' }])
    await store.attempted({ key: 'k', webhookId: 'wh_b', status: 'failed', good: false })
    const ids = ['wh_gone', 'wh_a', 'wh_b']
    const all = await deliveries.healths(me, ids)
    expect([...all.keys()]).toEqual(['wh_a', 'wh_b'])
    expect(all.get('wh_a')).toMatchObject({ webhook_id: 'wh_a', consecutive_failures: 0, backlog: 0 })
    expect(all.get('wh_b')).toEqual(await deliveries.health(me, 'wh_b'))
    expect(all.get('wh_b')).toMatchObject({ webhook_id: 'wh_b', consecutive_failures: 1, backlog: 1 })
    expect([...(await deliveries.healths(person({ subscriber: 'acme' }), ids)).keys()]).toEqual(['wh_a'])
    expect(await deliveries.healths(me, [])).toEqual(new Map())
  })

  test('is forgotten with the endpoint, and so is its line', async ({ kernel, store, clock }) => {
    await store.open([{ key: 'k', webhookId: 'wh_a', eventId: '1-0', eventType: 'queue.drained', order: '' }])
    await store.attempted({ key: 'k', webhookId: 'wh_a', status: 'failed', good: false })
    await store.join({ key: 'k', webhookId: 'wh_a', lookAt: clock.now() })
    const keys = ['state', 'line'].map((name) => kernel.key('deliveries', name, 'wh_a'))
    expect(await kernel.redis.exists(...keys)).toBe(2)
    await createHealth(kernel).forget('wh_a')
    expect(await kernel.redis.exists(...keys)).toBe(0)
    expect(await store.due(9, clock.now())).toEqual([])
  })

  test('is told with the time of which facts were removed unread, to endpoints that were there', async ({
    kernel,
    hook,
    fanOut,
    deliveries,
    clock,
    me,
  }) => {
    await register(kernel, 'wh_a', hook.url)
    await tellFacts(kernel, [{ n: 1 }])
    await fanOut.catchUp()
    const [from = '', , to = ''] = [
      await createEventLog(kernel).last(),
      ...(await tellFacts(kernel, [{ n: 2 }, { n: 3 }])),
    ]
    await kernel.redis.xtrim(eventLogKey(kernel), 'MAXLEN', 1)
    await fanOut.catchUp()
    await register(kernel, 'wh_later', hook.url, {}, { createdAt: clock.now() + 60_000 })
    const iso = (position: string) => new Date(Number.parseInt(position, 10)).toISOString()
    const all = await deliveries.healths(me, ['wh_a', 'wh_later'])
    expect(all.get('wh_a')?.gap).toEqual({ from: iso(from), to: iso(to) })
    expect(all.get('wh_later')?.gap).toBeNull()
    expect(await deliveries.health(me, 'wh_a')).toMatchObject({ gap: { from: iso(from) } })
  })

  test('is told with the status and the class of the last failure, until it is forgiven', async ({
    kernel,
    hook,
    fanOut,
    deliver,
  }) => {
    const health = createHealth(kernel)
    await register(kernel, 'wh_a', hook.url)
    hook.answer = answers(503)
    await tellFacts(kernel, [{ queue: 'mail' }])
    await fanOut.catchUp()
    await deliver()
    const seen = (await health.of(['wh_a'])).get('wh_a')
    expect(seen).toMatchObject({ consecutiveFailures: 1, failedWith: { status: 503, error: 'http_503' } })
    await health.forgive('wh_a')
    expect(await health.of(['wh_a'])).toEqual(new Map())
  })

  test('is forgotten of one that was deleted while an attempt was under way', async ({
    kernel,
    hook,
    fanOut,
    deliver,
    store,
    clock,
  }) => {
    await register(kernel, 'wh_a', hook.url)
    await tellFacts(kernel, [{ queue: 'mail' }])
    await fanOut.catchUp()
    hook.answer = (_request, response) => {
      const data = { webhook_id: 'wh_a', subscriber: null, change: 'deleted' as const, actor: 'Ada' }
      void createWebhookStore(kernel)
        .save('wh_a', 1, undefined, { kind: EndpointChanged, data })
        .then(() => createHealth(kernel).forget('wh_a'))
        .then(() => response.writeHead(500).end())
    }
    await deliver()
    const state = kernel.key('deliveries', 'state', 'wh_a')
    expect(await kernel.redis.exists(state)).toBe(1)
    const alive = new AbortController().signal
    await tidyDeliveries(kernel, store, alive)
    expect(await kernel.redis.exists(state)).toBe(1)
    await clock.advance(60_000)
    await tidyDeliveries(kernel, store, alive)
    expect(await kernel.redis.exists(state, kernel.key('deliveries', 'gone'))).toBe(0)
  })
})
