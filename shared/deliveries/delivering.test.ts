// Facts on their way to endpoints: who gets them, with which bytes, and what each answer means.
import { Webhook as Standard } from 'standardwebhooks'
import { describe, expect, register, answers, tellFacts, test } from '../../test/support/deliveries.ts'
import { retryDelayOf, isPermanent } from '../catalog/handler.ts'
import { webhookDeliver } from '../catalog/webhook-deliver.ts'
import { createEventLog, eventLogKey, factHead } from '../stream/log.ts'
import { createWebhookStore } from '../webhooks/store.ts'
import type { WebhookRecord } from '../webhooks/words.ts'
import { fanOut as makeDeliveries } from './fan-out.ts'
import type { FanOutNeeds } from './fan-out.ts'
import { deliveryKey } from './id.ts'
import { resend } from './resend.ts'
import { createDeliveryStore } from './store.ts'

const day = 86_400_000
const outside = { id: 'e1', hop: 0, source: null, subject: null }

describe('a fact', () => {
  test('goes to those who want it, signed, with the bytes of the log', async ({ kernel, hook, fanOut, deliver }) => {
    const { secret } = await register(kernel, 'wh_a', hook.url, { filter: [{ path: 'n', op: 'gt', value: 1 }] })
    await register(kernel, 'wh_b', hook.url, { event_types: ['job.*'] })
    await register(kernel, 'wh_c', hook.url, {}, { enabled: false })
    await register(kernel, 'wh_d', hook.url, {}, { queues: ['other'] })
    const [, id = ''] = await tellFacts(kernel, [
      { queue: 'mail', n: 1 },
      { queue: 'mail', n: 2, s: 'Müller' },
    ])
    await fanOut.catchUp()
    expect(await deliver()).toMatchObject([{ directive: 'done', result: { status: 200 } }])
    const [heard] = hook.heard
    const data = (await createEventLog(kernel).readAfter('0-0', 50)).find((entry) => entry.id === id)?.data ?? 'none'
    expect(heard?.body).toContain(`"data":${data},"id":"${id}"`)
    expect(new Standard(secret).verify(heard?.body ?? '', heard?.headers as Record<string, string>)).toMatchObject({
      type: 'queue.drained',
    })
    expect(heard?.headers).toMatchObject({
      'webhook-id': `msg_${deliveryKey(id, 'wh_a')}`,
      'x-k1n-attempt': '1',
      'x-k1n-event': 'queue.drained',
    })
  })

  test('about a job that an event set off says how often that went through k1n, also when it is sent again', async ({
    kernel,
    bull,
    hook,
    fanOut,
  }) => {
    const { id } = await register(kernel, 'wh_a', hook.url)
    const queue = bull.queue(webhookDeliver.queue)
    const hops = async () => (await queue.getJobs()).map(({ data }) => (data as { hop?: number }).hop ?? 0).sort()
    const child = `t_${'a'.repeat(32)}`
    await bull.queue('mail').add('part', {}, { jobId: child, k1n: { hop: 4 } } as object)
    const ids = await tellFacts(kernel, ['s_digest_e3-x', 's_digest_1', child].map((job) => ({ queue: 'mail', task_id: `mail:${job}` }))) // prettier-ignore
    await fanOut.catchUp()
    expect(await hops()).toEqual([0, 3, 4])
    const key = deliveryKey(ids[0] ?? '', id)
    await queue.obliterate({ force: true })
    const webhook = (await createWebhookStore(kernel).find(id)) as WebhookRecord
    await resend(kernel, { bull, store: createDeliveryStore(kernel) }, webhook, [{ key, eventId: ids[0] ?? '' }])
    expect(await hops()).toEqual([3])
  })

  test('about a job takes its payload along to those who are to have it, and to nobody because an event says so', async ({
    kernel,
    bull,
    hook,
    fanOut,
  }) => {
    await bull.queue('mail').add('send', { to: 'ada@mail.example' }, { jobId: 't_1' })
    await register(kernel, 'wh_a', hook.url, { event_types: ['queue.*', 'order.*'], include_data: true })
    await register(kernel, 'wh_b', hook.url, { event_types: ['queue.*', 'order.*'] })
    const about = { queue: 'mail', task_id: 'mail:t_1' }
    await tellFacts(kernel, [about, { queue: 'mail', task_id: 'mail:t_gone' }])
    await kernel.redis.xadd(eventLogKey(kernel), '*', factHead('order.paid', 0, outside), JSON.stringify(about))
    await fanOut.catchUp()
    const jobs = await bull.queue(webhookDeliver.queue).getJobs()
    const bodies = jobs.map(({ data }) => JSON.parse((data as { body: string }).body) as Record<string, unknown>)
    expect(bodies).toHaveLength(6)
    expect(bodies.filter((body) => 'task_data' in body)).toMatchObject([
      { type: 'queue.drained', data: about, task_data: { to: 'ada@mail.example' } },
    ])
  })

  test('that is read twice makes no second delivery', async ({ kernel, bull, hook, fanOut, store }) => {
    await register(kernel, 'wh_a', hook.url)
    await fanOut.catchUp()
    const before = (await kernel.redis.hget(kernel.key('stream', 'consumers'), 'webhooks')) ?? ''
    await tellFacts(kernel, [{ queue: 'mail' }, { queue: 'mail' }])
    await fanOut.catchUp()
    await kernel.redis.hset(kernel.key('stream', 'consumers'), 'webhooks', before)
    await fanOut.catchUp()
    expect(await bull.counts([webhookDeliver.queue])).toMatchObject(new Map([[webhookDeliver.queue, { waiting: 2 }]]))
    expect((await store.health('wh_a')).backlog).toBe(2)
  })

  test('that is large goes to many, a few at a time', async ({ kernel, bull, hook, store }) => {
    await register(kernel, 'wh_a', hook.url)
    const webhook = await createWebhookStore(kernel).find('wh_a')
    const many = Array.from({ length: 10 }, (_, n) => ({ ...webhook, id: `wh_${n}` })) as WebhookRecord[]
    const entry = (id: string, length: number) => ({ id, name: 'queue.drained', at: 1, data: JSON.stringify({ queue: 'mail', text: 'x'.repeat(length) }) }) // prettier-ignore
    const slices: number[] = []
    const watched: FanOutNeeds = {
      bull: { ...bull, add: () => Promise.resolve('stored') },
      store: {
        ...store,
        open: (all) => (slices.push(all.length), Promise.resolve(all.map(() => 'now'))),
      },
    }
    expect(await makeDeliveries(kernel, watched, [entry('1-0', 1_000_000), entry('2-0', 10)], many)).toBe(20)
    expect(slices).toEqual([4, 4, 12])
  })

  test('goes to those first that do not rest, where there are many', async ({ kernel, bull, clock, hook, store }) => {
    await register(kernel, 'wh_a', hook.url)
    const webhook = await createWebhookStore(kernel).find('wh_a')
    const many = Array.from({ length: 500 }, (_, n) => ({ ...webhook, id: `wh_${n}` })) as WebhookRecord[]
    for (let n = 0; n < 450; n++) await store.rest(`wh_${n}`, clock.now() + 1)
    const slices: string[][] = []
    const watched: FanOutNeeds = {
      bull: { ...bull, add: () => Promise.resolve('stored') },
      store: { ...store, open: (all) => (slices.push(all.map(({ webhookId }) => webhookId)), store.open(all)) },
    }
    const entry = { id: '1-0', name: 'queue.drained', at: 1, data: '{"queue":"mail"}' }
    expect(await makeDeliveries(kernel, watched, [entry], many)).toBe(500)
    expect(slices.map(({ length }) => length)).toEqual([50, 400, 50])
    expect(slices[0]).toEqual(many.slice(450).map(({ id }) => id))
  })

  test('about deliveries and their jobs makes none', async ({ kernel, bull, hook, fanOut }) => {
    await register(kernel, 'wh_a', hook.url, { event_types: ['*'] })
    await tellFacts(kernel, [{ queue: 'k1n-webhooks' }])
    await tellFacts(kernel, [{ webhook_id: 'wh_b' }], 'webhook.delivery_failed')
    await fanOut.catchUp()
    const waiting = async () => (await bull.counts([webhookDeliver.queue])).get(webhookDeliver.queue)?.waiting
    expect(await waiting()).toBe(0)
    // Somebody's own event may say the same words.
    const said = JSON.stringify({ queue: 'k1n-webhooks' })
    await kernel.redis.xadd(eventLogKey(kernel), '*', factHead('ops.note', 0, outside), said)
    await fanOut.catchUp()
    expect(await waiting()).toBe(1)
  })
})

describe('an answer', () => {
  const one = async ({
    kernel,
    fanOut,
  }: {
    kernel: Parameters<typeof tellFacts>[0]
    fanOut: { catchUp(): Promise<number> }
  }) => {
    const [id = ''] = await tellFacts(kernel, [{ queue: 'mail' }])
    await fanOut.catchUp()
    return deliveryKey(id, 'wh_a')
  }

  test('of 500 is tried again after the wait of the endpoint, a fifth more or less', async ({
    kernel,
    hook,
    fanOut,
    deliver,
    store,
    clock,
  }) => {
    await register(kernel, 'wh_a', hook.url, { retry: { delays_ms: [10_000, day] } })
    hook.answer = answers(500, { 'x-why': 'broken' }, 'no\u001b[31m')
    const key = await one({ kernel, fanOut })
    const [error] = await deliver()
    expect(retryDelayOf(error)).toBeGreaterThanOrEqual(8_000)
    expect(retryDelayOf(error)).toBeLessThanOrEqual(12_000)
    const record = await store.find(key)
    expect(record).toMatchObject({ status: 'failed', attempts: 1, nextAt: clock.now() + (retryDelayOf(error) ?? 0) })
    expect(record?.kept[0]).toMatchObject({
      n: 1,
      status: 500,
      error: 'http_500',
      text: 'no\ufffd[31m',
      peer: '127.0.0.1',
    })
    expect(record?.kept[0]?.got).toMatchObject({ 'x-why': 'broken' })
    expect(record?.kept[0]?.sent['webhook-signature']).toMatch(/^v1,.{7}…$/)
  })

  test.for([
    ['120', 120_000, 120_000],
    ['0', 8_000, 12_000],
    ['soon', 8_000, 12_000],
    ['999999999', day, day],
  ] as const)(
    'of 429 with Retry-After %s waits at least as long',
    async ([after, least, most], { kernel, hook, fanOut, deliver, store, clock }) => {
      await register(kernel, 'wh_a', hook.url, { retry: { delays_ms: [10_000] } })
      hook.answer = answers(429, { 'retry-after': after })
      await one({ kernel, fanOut })
      const [error] = await deliver()
      expect(retryDelayOf(error)).toBeGreaterThanOrEqual(least)
      expect(retryDelayOf(error)).toBeLessThanOrEqual(most)
      expect((await store.standing('wh_a')).restsUntil).toBeGreaterThan(clock.now())
    },
  )

  test('of 410 disables the endpoint at once and gives the delivery up', async ({
    kernel,
    hook,
    fanOut,
    deliver,
    store,
  }) => {
    await register(kernel, 'wh_a', hook.url)
    hook.answer = answers(410)
    const key = await one({ kernel, fanOut })
    const [error] = await deliver()
    expect(isPermanent(error)).toBe(true)
    expect(await createWebhookStore(kernel).find('wh_a')).toMatchObject({
      enabled: false,
      disabled: { reason: 'gone' },
    })
    expect(await store.find(key)).toMatchObject({ status: 'dead' })
    const told = (await createEventLog(kernel).readAfter('0-0', 50)).map(({ name }) => name)
    expect(told).toContain('webhook.endpoint_disabled')
  })

  test('that fails at the last attempt gives up, and tells so once', async ({
    kernel,
    hook,
    fanOut,
    deliver,
    store,
  }) => {
    await register(kernel, 'wh_a', hook.url, { retry: { delays_ms: [] } })
    hook.answer = answers(400)
    const key = await one({ kernel, fanOut })
    await deliver()
    await kernel.redis.hdel(kernel.key('deliveries', 'state', 'wh_a'), 'rest')
    expect(await store.find(key)).toMatchObject({ status: 'dead', attempts: 1 })
    const told = (await createEventLog(kernel).readAfter('0-0', 50)).filter(
      ({ name }) => name === 'webhook.delivery_failed',
    )
    expect(told.map(({ data }) => JSON.parse(data) as unknown)).toMatchObject([
      { webhook_id: 'wh_a', reason: 'http_400', attempts: 1 },
    ])
  })
})

test('a delivery that has arrived is not cancelled by its job running again after its endpoint was disabled', async ({
  store,
}) => {
  await store.open([{ key: 'k', webhookId: 'wh_a', eventId: '1-0', eventType: 'queue.drained', order: '' }])
  await store.attempted({ key: 'k', webhookId: 'wh_a', status: 'succeeded' })
  await store.attempted({ key: 'k', webhookId: 'wh_a', status: 'cancelled' })
  expect(await store.statuses(['k'])).toEqual(['succeeded'])
})

test('an attempt whose writing is sent again, as its answer was lost, is written once', async ({ store }) => {
  await store.open([{ key: 'k', webhookId: 'wh_a', eventId: '1-0', eventType: 'queue.drained', order: '' }])
  const attempt = { at: 1, ms: 5, status: 500, error: 'http_5xx', sent: {}, got: {}, text: '', peer: null }
  const outcome = { key: 'k', webhookId: 'wh_a', status: 'failed' as const, attempt }
  await store.attempted(outcome)
  await store.attempted(outcome)
  expect(await store.find('k')).toMatchObject({ attempts: 1 })
  await store.attempted({ ...outcome, attempt: { ...attempt, at: 2 } })
  expect(await store.find('k')).toMatchObject({ attempts: 2 })
})

test('a delivery to an endpoint that was disabled or deleted meanwhile is cancelled', async ({
  kernel,
  hook,
  fanOut,
  deliver,
  store,
}) => {
  await register(kernel, 'wh_a', hook.url)
  await register(kernel, 'wh_b', hook.url)
  const [id = ''] = await tellFacts(kernel, [{ queue: 'mail' }])
  await fanOut.catchUp()
  const webhooks = createWebhookStore(kernel)
  const { version = 0, ...draft } = (await webhooks.find('wh_a')) ?? {}
  const told = {
    kind: (await import('../webhooks/events.ts')).EndpointChanged,
    data: { webhook_id: 'wh_a', subscriber: null, change: 'edited' as const, actor: 'Ada' },
  }
  await webhooks.save('wh_a', version, { ...draft, enabled: false } as never, told)
  await webhooks.save('wh_b', (await webhooks.find('wh_b'))?.version ?? 0, undefined, told)
  const state = kernel.key('deliveries', 'state', 'wh_b')
  await kernel.redis.hset(state, 'failures', 1)
  expect(await deliver()).toMatchObject([{ directive: 'cancel' }, { directive: 'cancel' }])
  expect(hook.heard).toEqual([])
  expect(await store.find(deliveryKey(id, 'wh_a'))).toMatchObject({ status: 'cancelled' })
  // An attempt that was under way wrote it after the endpoint was deleted.
  expect(await kernel.redis.exists(state)).toBe(0)
})
