// What a replay chooses, while what it chooses from changes.
import { describe, expect, register, test } from '../../test/support/deliveries.ts'
import { createWebhookStore } from '../webhooks/store.ts'
import { eventLogKey } from '../stream/log.ts'
import { ReplayParams, createSelection } from './replay.ts'

describe('all that failed', () => {
  test('is found although some of it goes on meanwhile', async ({ kernel, bull, store, clock, hook }) => {
    await register(kernel, 'wh_receiver1', hook.url)
    const webhook = await createWebhookStore(kernel).find('wh_receiver1')
    if (!webhook) throw new Error('it is not there')
    const keys = Array.from({ length: 1_100 }, (_, n) => `k${n}`)
    const of = (key: string, n: number) => ({ key, webhookId: webhook.id, eventId: `${n + 1}-0`, eventType: 'queue.drained', order: '' }) // prettier-ignore
    await store.open(keys.map(of))
    await Promise.all(keys.map((key) => store.attempted({ key, webhookId: webhook.id, status: 'dead', good: false })))
    const params = ReplayParams.parse({ webhook_id: webhook.id, from: new Date(0).toISOString() })
    const chosen: string[] = []
    for await (const slice of createSelection(kernel, { bull, store })(params, webhook, clock.now())) {
      // Somebody else sends the newest of them once more.
      if (chosen.length === 0) await store.reopen(slice.slice(0, 300).map(({ key }) => key))
      chosen.push(...slice.map(({ key }) => key))
    }
    expect(chosen).toEqual(keys.toReversed())
  })
})

describe('all that was never sent', () => {
  test('is found although the facts are large', async ({ kernel, bull, store, hook }) => {
    await register(kernel, 'wh_receiver1', hook.url)
    const webhook = await createWebhookStore(kernel).find('wh_receiver1')
    if (!webhook) throw new Error('it is not there')
    const large = JSON.stringify({ queue: 'mail', text: 'x'.repeat(1_000_000) })
    const ids: string[] = []
    for (let n = 0; n < 20; n++)
      ids.push(String(await kernel.redis.xadd(eventLogKey(kernel), '*', 'queue.drained@5', large)))
    const params = ReplayParams.parse({ webhook_id: webhook.id, from: new Date(0).toISOString(), missing: true })
    const chosen: string[] = []
    for await (const slice of createSelection(kernel, { bull, store })(params, webhook, Date.now() + 1_000))
      chosen.push(...slice.map(({ eventId }) => eventId))
    expect(chosen).toEqual(ids)
  })
})
