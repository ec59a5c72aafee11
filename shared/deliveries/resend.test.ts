// Sending once more while the delivery moves, and while whoever asks for it dies.
import { answers, describe, expect, register, tellFacts, test as base } from '../../test/support/deliveries.ts'
import { webhookDeliver } from '../catalog/webhook-deliver.ts'
import { eventLogKey } from '../stream/log.ts'
import { createWebhookStore } from '../webhooks/store.ts'
import type { WebhookRecord } from '../webhooks/words.ts'
import { deliveryKey, jobId } from './id.ts'
import { resend } from './resend.ts'
import type { Resend } from './resend.ts'

interface Given {
  webhook: WebhookRecord
  /** A delivery that waits for its first attempt. */
  delivery: Resend
}

const test = base.extend<Given>({
  webhook: async ({ kernel, hook }, use) => {
    await register(kernel, 'wh_a', hook.url, { retry: { delays_ms: [] } })
    const webhook = await createWebhookStore(kernel).find('wh_a')
    if (webhook) await use(webhook)
  },
  delivery: async ({ kernel, fanOut, webhook }, use) => {
    const [eventId = ''] = await tellFacts(kernel, [{ queue: 'mail' }])
    await fanOut.catchUp()
    await use({ key: deliveryKey(eventId, webhook.id), eventId })
  },
})

describe('a delivery sent once more', () => {
  test('that arrives while it is looked at stays arrived', async ({
    kernel,
    bull,
    store,
    webhook,
    delivery,
    deliver,
  }) => {
    const busy: typeof bull = {
      ...bull,
      async stateOf(addresses) {
        const states = await bull.stateOf(addresses)
        await deliver()
        return states
      },
    }
    expect(await resend(kernel, { bull: busy, store }, webhook, [delivery])).toEqual(['sent'])
    expect(await store.find(delivery.key)).toMatchObject({ status: 'succeeded', attempts: 1 })
    expect((await store.health('wh_a')).backlog).toBe(0)
  })

  test('is sent although whoever opened it died at once', async ({
    kernel,
    bull,
    store,
    webhook,
    delivery,
    deliver,
    hook,
  }) => {
    await deliver()
    const keys = bull.keys(webhookDeliver.queue)
    await kernel.redis.zadd(keys.completed, 1, jobId(delivery.key))
    await store.reopen([delivery.key], 'op_1')
    expect(await resend(kernel, { bull, store }, webhook, [delivery], 'op_1')).toEqual(['sent'])
    await deliver()
    expect(hook.heard).toHaveLength(2)
    expect(await store.find(delivery.key)).toMatchObject({ status: 'succeeded', attempts: 2 })
    // It has arrived under this mark.
    await kernel.redis.zadd(keys.completed, 1, jobId(delivery.key))
    expect(await resend(kernel, { bull, store }, webhook, [delivery], 'op_1')).toEqual(['sent'])
    await deliver()
    expect(hook.heard).toHaveLength(2)
  })

  test('that cannot be, as it is with a worker or its fact is gone, stays what it was', async ({
    kernel,
    bull,
    store,
    webhook,
    delivery,
    deliver,
    hook,
  }) => {
    hook.answer = answers(400)
    await deliver()
    const keys = bull.keys(webhookDeliver.queue)
    await kernel.redis.lpush(keys.active, jobId(delivery.key))
    expect(await resend(kernel, { bull, store }, webhook, [delivery])).toEqual(['in_flight'])
    expect(await store.find(delivery.key)).toMatchObject({ status: 'dead' })
    // Whoever asked before died as soon as it had opened it.
    await store.reopen([delivery.key], 'op_1')
    await kernel.redis.del(keys.active, keys.job(jobId(delivery.key)), eventLogKey(kernel))
    expect(await resend(kernel, { bull, store }, webhook, [delivery])).toEqual(['gone'])
    expect(await store.find(delivery.key)).toMatchObject({ status: 'dead' })
    const all = { from: 0, to: Infinity }
    expect(await store.page('lost', 'wh_a', all, 0, 9)).toHaveLength(1)
    expect((await store.health('wh_a')).backlog).toBe(0)
  })
})
