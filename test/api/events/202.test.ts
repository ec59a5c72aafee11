// Sending events over HTTP: once, in bulk, by id and by key.
import { describe, expect, test } from '../fixtures.ts'

const path = '/api/v2/events'
const placed = { event: 'order.placed', data: { amount: 5 }, id: 'order-7' }

describe('202', () => {
  test('an event is told, and shown with what it set off', async ({ door }) => {
    const sent = await door.send('POST', path, { body: placed, headers: { 'x-k1n-hop': '1' } })
    expect(sent).toMatchObject({ status: 202, json: { event_id: 'order-7', duplicate: false, matched: [] } })
    const shown = await door.client.events.show({ params: { event_id: 'order-7' } })
    expect(shown).toMatchObject({ event: 'order.placed', data: { amount: 5 }, hop: 1, subject: null, matched: [] })
    const byPosition = await door.send('GET', `${path}/${shown.position}`)
    expect(byPosition.json).toEqual(shown)
  })

  test('the same id again is the same event', async ({ door }) => {
    await door.client.events.publish({ body: placed })
    const again = await door.send('POST', path, { body: placed })
    expect(again).toMatchObject({ status: 202, json: { event_id: 'order-7', duplicate: true } })
    const { data } = await door.client.events.list({ query: { type: ['order.*'] } })
    expect(data).toHaveLength(1)
  })

  test('the same key again is the same answer, also once it is no longer kept', async ({ door, kernel }) => {
    const headers = { 'idempotency-key': 'k-1' }
    const body = { event: 'order.placed' }
    const first = await door.send('POST', path, { body, headers })
    await expect.poll(async () => (await door.send('POST', path, { body, headers })).headers.get('idempotency-replayed')).toBe('true') // prettier-ignore
    const kept = await kernel.redis.keys(kernel.key('idem', '*'))
    await kernel.redis.del(...kept)
    const third = await door.send('POST', path, { body, headers })
    expect(third.json).toEqual({ ...(first.json as object), duplicate: true })
  })

  test('many are told in order, each with a result of its own', async ({ door }) => {
    await door.send('POST', path, { body: placed })
    const { results } = await door.client.events.publishMany({
      body: { events: [{ event: 'a.b' }, placed, { ...placed, data: {} }, { event: 'a.c', subject: 'Ada' }] },
    })
    expect(results).toMatchObject([
      { index: 0, status: 202, duplicate: false },
      { index: 1, status: 202, event_id: 'order-7', duplicate: true },
      { index: 2, status: 409, problem: { code: 'event-id-reused' } },
      { index: 3, status: 202, duplicate: false },
    ])
    const { data } = await door.client.events.list({ query: { limit: 2 } })
    expect(data.map(({ event, subject }) => [event, subject])).toEqual([['a.c', 'Ada'], ['a.b', null]]) // prettier-ignore
  })

  test('five hundred at once are told', async ({ door }) => {
    const events = Array.from({ length: 500 }, (_, n) => ({ event: 'bulk.sent', id: `b${n}`, data: { n } }))
    const { results } = await door.client.events.publishMany({ body: { events } })
    expect(results.filter(({ duplicate, status }) => !duplicate && status === 202)).toHaveLength(500)
    const page = await door.client.events.list({ query: { limit: 3 } })
    expect(page.data.map(({ id }) => id)).toEqual(['b499', 'b498', 'b497'])
  })

  test('a key that may see some queues only may send events, which are of none', async ({ door }) => {
    const key = await door.keyWith(['events:write'], ['mail'])
    const reply = await door.send('POST', path, { body: placed, headers: { authorization: `Bearer ${key}` } })
    expect(reply.status).toBe(202)
  })

  test('whoever listens hears it, if they may read events', async ({ door }) => {
    const after = (await door.client.stream.poll({ query: { topics: ['event:*'] } })).cursor
    await door.send('POST', path, { body: { ...placed, subject: 'Ada' } })
    const listen = { topics: ['event:order.*'], after, wait: 5 }
    const { data } = await door.client.stream.poll({ query: listen })
    expect(data).toMatchObject([
      { event: 'event:order.placed', name: 'order.placed', event_id: 'order-7', subject: 'Ada', data: { amount: 5 } },
    ])
    const deaf = await door.keyWith(['stream:read'])
    const query = `topics=event:order.*&after=${after}`
    const heard = await door.send('GET', `/api/v2/stream/events?${query}`, {
      headers: { authorization: `Bearer ${deaf}` },
    })
    expect(heard.json).toMatchObject({ data: [] })
  })
})
