// How endpoints fare, for many at once, and when they are deleted.
import { describe, expect, register, test as base } from '../../test/support/deliveries.ts'
import { person } from '../../test/support/rooms.ts'
import { createDeliveries, createHealth } from './deliveries.ts'
import type { Deliveries } from './deliveries.ts'

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
})
