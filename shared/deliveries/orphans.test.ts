// Jobs that end without their deliveries: nobody waits behind them for ever, and nothing that could be sent is given up.
import { answers, describe, expect, register, tellFacts, test as base } from '../../test/support/deliveries.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { webhookDeliver } from '../catalog/webhook-deliver.ts'
import { createEventLog, eventLogKey } from '../stream/log.ts'
import { createWebhookStore } from '../webhooks/store.ts'
import { createWebhookView } from '../webhooks/view.ts'
import { deliveryKey, jobId } from './id.ts'
import { createLines } from './lines.ts'
import { createOrphans } from './orphans.ts'

interface Given {
  /** Two deliveries in order, the first of them tried in vain. */
  keys: [first: string, second: string]
  /** Looks twice; answers what each look ended. */
  look: () => Promise<number[]>
}

const test = base.extend<Given>({
  keys: async ({ kernel, hook, fanOut, deliver, clock }, use) => {
    await register(kernel, 'wh_a', hook.url, { order_by: 'queue' })
    hook.answer = answers(500)
    const ids = await tellFacts(kernel, [{ queue: 'mail' }, { queue: 'mail' }])
    await fanOut.catchUp()
    await deliver()
    await clock.advance(61_000)
    const [first = '', second = ''] = ids.map((id) => deliveryKey(id, 'wh_a'))
    await use([first, second])
  },
  look: async ({ kernel, bull, store }, use) => {
    const view = createWebhookView(kernel, createWebhookStore(kernel))
    const lines = createLines(kernel, { bull, store, room: () => ({ all: 9, failing: 9 }) })
    const orphans = createOrphans(kernel, { bull, store, lines, webhooks: () => view.all() })
    const { signal } = new AbortController()
    await use(async () => {
      await view.fresh()
      return [await orphans(signal), await orphans(signal)]
    })
  },
})

/** Puts a job where BullMQ puts those that have failed. */
const fail = async (kernel: Kernel, bull: Bull, key: string, more: Record<string, string> = {}) => {
  const keys = bull.keys(webhookDeliver.queue)
  await kernel.redis.zadd(keys.failed, kernel.clock.now(), jobId(key))
  if (Object.keys(more).length > 0) await kernel.redis.hset(keys.job(jobId(key)), more)
}

const givenUp = async (kernel: Kernel) =>
  (await createEventLog(kernel).readAfter('0-0', 50)).filter(({ name }) => name === 'webhook.delivery_failed')

describe('a delivery', () => {
  test('whose job somebody cancelled is cancelled at the second look, and the one behind it goes on', async ({
    kernel,
    bull,
    store,
    keys: [first, second],
    look,
  }) => {
    await fail(kernel, bull, first, { k1nCancelled: 'Ada' })
    expect(await store.isTurn(second, 'wh_a')).toBe(false)
    expect(await look()).toEqual([0, 1])
    expect(await store.find(first)).toMatchObject({ status: 'cancelled', nextAt: null })
    expect(await store.isTurn(second, 'wh_a')).toBe(true)
    expect(await givenUp(kernel)).toEqual([])
  })

  test('whose job somebody cancelled before it ran is not sent after all', async ({
    kernel,
    bull,
    store,
    jobs,
    me,
    keys: [first],
    look,
  }) => {
    const address = { queue: webhookDeliver.queue, id: jobId(first) }
    await kernel.redis.zadd(bull.keys(address.queue).delayed, 1, address.id)
    await jobs.cancel(me, address)
    expect(await look()).toEqual([0, 1])
    expect(await store.find(first)).toMatchObject({ status: 'cancelled' })
    expect(await bull.stateOf([address])).toEqual(['missing'])
  })

  test('whose job failed without it is given up, and that is told once', async ({
    kernel,
    bull,
    store,
    keys: [first],
    look,
  }) => {
    await fail(kernel, bull, first)
    expect(await look()).toEqual([0, 1])
    expect(await look()).toEqual([0, 0])
    expect(await store.find(first)).toMatchObject({ status: 'dead' })
    expect((await givenUp(kernel)).map(({ data }) => JSON.parse(data) as object)).toMatchObject([
      { reason: 'job_ended', attempts: 1 },
    ])
  })

  test('whose job completed has arrived, although its process died before it wrote that', async ({
    kernel,
    bull,
    store,
    keys: [first, second],
    look,
  }) => {
    const { wait, delayed, completed } = bull.keys(webhookDeliver.queue)
    await kernel.redis.multi().lrem(wait, 1, jobId(first)).zrem(delayed, jobId(first)).zadd(completed, 1, jobId(first)).exec() // prettier-ignore
    expect(await look()).toEqual([0, 1])
    expect(await store.find(first)).toMatchObject({ status: 'succeeded' })
    expect(await store.isTurn(second, 'wh_a')).toBe(true)
    expect(await givenUp(kernel)).toEqual([])
  })

  test('whose job is gone gets another one while the log has its fact', async ({
    kernel,
    bull,
    store,
    keys: [first],
    look,
  }) => {
    const address = { queue: webhookDeliver.queue, id: jobId(first) }
    await kernel.redis.del(bull.keys(address.queue).job(address.id))
    expect(await look()).toEqual([0, 1])
    expect(await bull.stateOf([address])).toEqual(['waiting'])
    expect((await store.health('wh_a')).backlog).toBe(2)
    await kernel.redis.del(bull.keys(address.queue).job(address.id), bull.keys(address.queue).wait, eventLogKey(kernel))
    expect(await look()).toEqual([0, 1])
    expect(await store.find(first)).toMatchObject({ status: 'dead' })
  })

  test('that was opened again and came to nothing is again what it was', async ({
    kernel,
    bull,
    store,
    keys: [first],
    look,
  }) => {
    await fail(kernel, bull, first)
    await store.attempted({ key: first, webhookId: 'wh_a', status: 'dead' })
    await store.reopen([first])
    expect(await look()).toEqual([0, 1])
    expect(await store.find(first)).toMatchObject({ status: 'dead' })
    expect(await givenUp(kernel)).toEqual([])
  })

  test('that is new, or whose job is there, is left alone', async ({
    kernel,
    bull,
    hook,
    fanOut,
    store,
    look,
    clock,
  }) => {
    await register(kernel, 'wh_a', hook.url)
    const ids = await tellFacts(kernel, [{ queue: 'mail' }, { queue: 'mail' }])
    await fanOut.catchUp()
    const [waiting = '', failed = ''] = ids.map((id) => deliveryKey(id, 'wh_a'))
    await kernel.redis.lrem(bull.keys(webhookDeliver.queue).wait, 0, jobId(failed))
    await fail(kernel, bull, failed)
    expect(await look()).toEqual([0, 0])
    await clock.advance(61_000)
    expect(await look()).toEqual([0, 1])
    expect(await store.statuses([waiting, failed])).toEqual(['pending', 'dead'])
  })
})
