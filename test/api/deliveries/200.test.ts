// Looking deliveries up: all of an endpoint, one with its attempts, and how the endpoint fares.
import { deliveryId, deliveryKey, jobId, keyOfId } from '../../../shared/deliveries/id.ts'
import type { Delivery } from '../../../shared/deliveries/words.ts'
import { register, tellFacts } from '../../support/deliveries.ts'
import type { Door } from '../fixtures.ts'
import { answers, describe, expect, hookId, path, test } from './work.ts'

test('deliveries are listed newest first, page by page, by status, type and time', async ({
  door,
  hook,
  tell,
  attempt,
}) => {
  hook.answer = answers(500)
  const [failed = ''] = await tell(1)
  await attempt()
  const pending = await tell(2, 'queue.resumed')
  const all = [failed, ...pending].reverse()
  const list = async (query: object) =>
    (await door.client.deliveries.list({ params: { webhook_id: hookId }, query })).data
  expect((await list({})).map(({ id }) => id)).toEqual(all)
  const params = { webhook_id: hookId }
  const first = await door.client.deliveries.list({ params, query: { limit: 2 } })
  const second = await door.client.deliveries.list({
    params,
    query: { limit: 2, cursor: first.page.next_cursor ?? '' },
  })
  expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(all)
  expect(second.page.has_more).toBe(false)
  expect(await list({ status: ['failed'] })).toMatchObject([
    { id: failed, status: 'failed', attempt: 1, last_status_code: 500, last_error_code: 'http_500' },
  ])
  expect((await list({ status: ['pending'], event_type: ['queue.resumed'] })).map(({ id }) => id)).toEqual(
    pending.reverse(),
  )
  expect(await list({ to: new Date(0).toISOString() })).toEqual([])
  expect(await list({ from: new Date(Date.now() + 60_000).toISOString() })).toEqual([])
})

test('one delivery shows what was sent and answered, and no secret', async ({ door, hook, tell, attempt }) => {
  hook.answer = answers(503, { 'x-why': 'maintenance' }, '<b>closed</b>')
  const [id = ''] = await tell(1)
  await attempt()
  const delivery = await door.client.deliveries.show({ params: { delivery_id: id } })
  expect(delivery).toMatchObject({
    ...{ id, webhook_id: hookId, event_type: 'queue.drained', status: 'failed', attempt: 1 },
    attempts: [
      { n: 1, status_code: 503, error_code: 'http_503', response_excerpt: '<b>closed</b>', peer_ip: '127.0.0.1' },
    ],
  })
  expect(delivery.message_id.slice(4)).toBe(id.slice(4))
  expect(delivery.body).toBe(hook.heard[0]?.body)
  expect(delivery.attempts[0]?.response_headers).toMatchObject({ 'x-why': 'maintenance' })
  expect(delivery.attempts[0]?.request_headers['webhook-signature']).not.toContain(
    hook.heard[0]?.headers['webhook-signature'],
  )
  expect(delivery.next_attempt_at).not.toBeNull()
})

test('one that waits says why: for a worker, its time, the one before it, its endpoint', async ({
  door,
  hook,
  tell,
  attempt,
  fanOut,
  kernel,
}) => {
  const waits = async (id: string) => (await door.client.deliveries.show({ params: { delivery_id: id } })).waits
  hook.answer = answers(500)
  const [failed = ''] = await tell(1)
  expect(await waits(failed)).toMatchObject({ why: 'worker', until: null, behind: null })
  await attempt()
  const { next_attempt_at } = await door.client.deliveries.show({ params: { delivery_id: failed } })
  expect(await waits(failed)).toMatchObject({ why: 'backoff', until: next_attempt_at })
  const ordered = 'wh_receiver2'
  await register(kernel, ordered, hook.url, { order_by: 'queue' })
  const facts = await tellFacts(kernel, [{ queue: 'mail' }, { queue: 'mail' }])
  await fanOut()
  const [first = '', second = ''] = facts.map((id) => deliveryId(deliveryKey(id, ordered)))
  expect(await waits(second)).toMatchObject({ why: 'ordered', behind: first })
  await attempt()
  const [resting] = (await tellFacts(kernel, [{ queue: 'bills' }])).map((id) => deliveryId(deliveryKey(id, ordered)))
  await fanOut()
  const { rests_until } = await door.client.deliveries.health({ params: { webhook_id: ordered } })
  expect(rests_until).not.toBeNull()
  expect(await waits(resting ?? '')).toMatchObject({ why: 'breaker', until: rests_until })
  await door.client.webhooks.edit({ params: { webhook_id: ordered }, body: { enabled: false } })
  expect(await waits(resting ?? '')).toMatchObject({ why: 'disabled', detail: expect.stringContaining('disabled') as unknown }) // prettier-ignore
})

test('an endpoint tells how it fares', async ({ door, hook, tell, attempt }) => {
  await tell(1)
  await attempt()
  hook.answer = answers(500)
  await tell(1)
  await attempt()
  await tell(1)
  const health = await door.client.deliveries.health({ params: { webhook_id: hookId } })
  expect(health).toMatchObject({ webhook_id: hookId, consecutive_failures: 1, backlog: 2, rests_until: null })
  expect(health).toMatchObject({ attempts: 2, arrived: 1 })
  expect(Date.parse(health.disables_at ?? '') - Date.parse(health.failing_since ?? '')).toBe(5 * 86_400_000)
  expect(health.p95_ms).toBeGreaterThan(0)
  expect(await door.client.webhooks.show({ params: { webhook_id: hookId } })).toMatchObject({
    consecutive_failures: 1,
    last_success_at: health.last_success_at,
  })
})

test('a subscriber sees deliveries of its own endpoints only', async ({ door, tell }) => {
  const [id = ''] = await tell(1)
  const { key } = await door.client.auth.createKey({
    body: { name: 'acme', subscriber: 'acme', scopes: ['webhooks:read'] },
  })
  const headers = { authorization: `Bearer ${key}` }
  expect((await door.send('GET', `${path}/deliveries/${id}`, { headers })).status).toBe(404)
  expect((await door.send('GET', `${path}/${hookId}/deliveries`, { headers })).status).toBe(404)
})

describe('what was sent and answered of a fact is shown to those only who may see the fact', () => {
  const shownWith = async (door: Door, key: string, id: string) => {
    const headers = { authorization: `Bearer ${key}` }
    const { text } = await door.send('GET', `${path}/deliveries/${id}`, { headers })
    const { body, attempts } = JSON.parse(text) as Delivery
    return {
      body,
      excerpts: attempts.map((each) => each.response_excerpt),
      answered: attempts.map((each) => each.response_headers['x-echo']),
    }
  }
  const hidden = { body: null, excerpts: [null], answered: [undefined] }

  test('a payload that went along, to those who may see payloads', async ({
    door,
    hook,
    bull,
    kernel,
    fanOut,
    attempt,
  }) => {
    await bull.queue('mail').add('send', { to: 'ada@mail.example' }, { jobId: 't_1' })
    await register(kernel, 'wh_payload1', hook.url, { include_data: true })
    const [event = ''] = await tellFacts(kernel, [{ queue: 'mail', task_id: 'mail:t_1' }])
    await fanOut()
    await attempt()
    const id = deliveryId(deliveryKey(event, 'wh_payload1'))
    const [sent] = hook.heard.filter(({ headers }) => headers['x-k1n-delivery'] === id)
    expect(sent?.body).toContain('ada@mail.example')
    const seeing = await door.keyWith(['webhooks:read', 'jobs:data'])
    expect((await shownWith(door, seeing, id)).body).toBe(sent?.body)
    expect(await shownWith(door, await door.keyWith(['webhooks:read']), id)).toEqual(hidden)
    // What follows from the fact alone is not what was sent.
    await bull.queue('k1n-webhooks').remove(jobId(keyOfId(id)))
    expect((await shownWith(door, seeing, id)).body).toBeNull()
  })

  test('a fact of a queue', async ({ door, hook, bull, tell, attempt, kernel }) => {
    hook.answer = answers(200, { 'x-echo': 'mail' }, 'thanks')
    const [id = ''] = await tell(1)
    await attempt()
    const shown = { body: hook.heard[0]?.body, excerpts: ['thanks'], answered: ['mail'] }
    expect(await shownWith(door, await door.keyWith(['webhooks:read'], ['mail']), id)).toEqual(shown)
    expect(await shownWith(door, await door.keyWith(['webhooks:read'], ['pay']), id)).toEqual(hidden)
    await kernel.redis.xtrim(kernel.key('events'), 'MAXLEN', 0)
    const all = await door.keyWith(['webhooks:read', 'events:read'])
    expect(await shownWith(door, all, id)).toEqual(shown)
    expect(await shownWith(door, await door.keyWith(['webhooks:read', 'events:read'], ['mail']), id)).toEqual(hidden)
    await bull.queue('k1n-webhooks').remove(jobId(keyOfId(id)))
    expect(await shownWith(door, all, id)).toEqual({ ...shown, body: null })
  })

  test('an event from outside', async ({ door, hook, kernel, fanOut, attempt }) => {
    await register(kernel, 'wh_orders01', hook.url, { event_types: ['order.*'] })
    await door.client.events.publish({ body: { event: 'order.placed', data: { amount: 5 } } })
    await fanOut()
    await attempt()
    const { data } = await door.client.deliveries.list({ params: { webhook_id: 'wh_orders01' }, query: {} })
    const id = data[0]?.id ?? ''
    const may = await door.keyWith(['webhooks:read', 'events:read'], ['pay'])
    expect(await shownWith(door, may, id)).toMatchObject({ body: hook.heard[0]?.body, excerpts: ['thanks'] })
    expect(await shownWith(door, await door.keyWith(['webhooks:read']), id)).toEqual(hidden)
  })

  test("but for a subscriber, whose endpoint's it is", async ({ door, hook, kernel, fanOut, attempt }) => {
    await register(kernel, 'wh_theirs01', hook.url, { subscriber: 'acme' })
    await tellFacts(kernel, [{ queue: 'mail' }])
    await fanOut()
    await attempt()
    const { data } = await door.client.deliveries.list({ params: { webhook_id: 'wh_theirs01' }, query: {} })
    const { key } = await door.client.auth.createKey({
      body: { name: 'acme', subscriber: 'acme', scopes: ['webhooks:read'] },
    })
    const shown = { body: hook.heard[0]?.body, excerpts: ['thanks'] }
    expect(await shownWith(door, key, data[0]?.id ?? '')).toMatchObject(shown)
  })
})

test('a replay says beforehand how many it would send, and sends none of them', async ({
  door,
  kernel,
  hook,
  tell,
  attempt,
}) => {
  hook.answer = answers(500)
  await tell(1)
  await attempt()
  const sent = hook.heard.length
  const params = { webhook_id: hookId }
  const from = new Date(Date.now() - 3_600_000).toISOString()
  const preview = (more: object = {}) =>
    door.client.deliveries.replay({ params, body: { from, dry_run: true, ...more } })
  expect(await preview()).toEqual({ matched: 1, capped: false, forgotten_until: null })
  expect(await preview({ event_types: ['job.*'] })).toEqual({ matched: 0, capped: false, forgotten_until: null })
  expect(await preview({ missing: true })).toEqual({ matched: 0, capped: false, forgotten_until: null })
  await tellFacts(kernel, [{ queue: 'mail' }])
  expect(await preview({ missing: true })).toEqual({ matched: 1, capped: false, forgotten_until: null })
  expect(hook.heard).toHaveLength(sent)
})
