// Jobs that are made.
import { vi } from 'vitest'
import { z } from 'zod'
import { describe, expect, test } from '../fixtures.ts'

const asJson = { 'content-type': 'application/json' }
const body = { name: 'http.request', data: { url: 'http://example.com/' } }

describe('POST /jobs', () => {
  test('makes a job and says where it is', async ({ door }) => {
    const reply = await door.send('POST', '/api/v2/jobs', { body })
    expect(reply).toMatchObject({ status: 201, json: { queue: 'http', name: 'http.request', state: 'waiting' } })
    expect(reply.headers.get('location')).toBe(`/api/v2/jobs/${encodeURIComponent((reply.json as { id: string }).id)}`)
    expect(await door.client.jobs.show({ params: { task_id: (reply.json as { id: string }).id } })).toMatchObject({
      data: body.data,
    })
  })

  test('keeps an id of your own, priority, delay, tags and trace', async ({ door }) => {
    const reply = await door.send('POST', '/api/v2/jobs', {
      body: {
        ...body,
        id: 'order-7',
        tags: ['a'],
        metadata: { k: 'v' },
        options: { priority: 'high', delay_ms: 60_000 },
      },
      headers: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
    })
    expect(reply).toMatchObject({
      status: 201,
      json: { id: 'http:t_order-7', state: 'delayed', priority: 10, tags: ['a'], metadata: { k: 'v' } },
    })
    const shown = await door.client.jobs.show({ params: { task_id: 'order-7' } })
    expect(shown.trace.traceparent).toContain('4bf92f3577b34da6a3ce929d0e0e4736')
  })

  test.for<[string, string]>([
    ['as short as can be', '}'],
    ['of odd values', ',"body":[-0,1e400,1.50,"\\ud800","ü 🎧",{"1":null,"":0},[[]]]}'],
    [
      'that says all',
      '},"id":"all","service":"s","tags":["a"],"metadata":{"k":"v"},"options":{"attempts":3,"priority":7}',
    ],
    ['with waits of its own', '},"options":{"timeout_ms":9,"backoff":{"type":"custom","delays":[5]}}'],
    ['for later', '},"options":{"delay_ms":60000,"lifo":true}'],
    ['with a dedup id', '},"options":{"dedup":{"id":"one"}}'],
  ])('answers a job %s to the letter as it is read later, but for why and version', async ([, members], { door }) => {
    const raw = `{"name":"http.request","data":{"url":"http://a.b"${members}}`
    const made = await door.send('POST', '/api/v2/jobs', { raw, headers: asJson })
    expect(made.status).toBe(201)
    const read = await door.send('GET', made.headers.get('location') ?? '')
    const lasting = (text: string): string => text.replace(/"why":"[^"]*"/, '').replace(/"version":\d+/, '')
    expect(lasting(read.text)).toBe(lasting(made.text))
  })

  test('answers in the vendor media type when asked for it', async ({ door }) => {
    const reply = await door.send('POST', '/api/jobs', { body, headers: { accept: 'application/vnd.k1n.v2+json' } })
    expect(reply.status).toBe(201)
    expect(reply.headers.get('content-type')).toBe('application/vnd.k1n.v2+json')
    expect(reply.headers.get('x-api-version')).toBe('2')
  })

  test('takes the vendor media type as a body', async ({ door }) => {
    const raw = JSON.stringify(body)
    expect(
      await door.send('POST', '/api/jobs', { raw, headers: { 'content-type': 'application/vnd.k1n.v2+json' } }),
    ).toMatchObject({ status: 201 })
  })
})

describe('an Idempotency-Key', () => {
  test('gives the same answer again, marked as such', async ({ door }) => {
    const headers = { 'idempotency-key': '"8e03978e-40d5-43e8-bc93-6894a57f9324"' }
    const first = await door.send('POST', '/api/v2/jobs', { body, headers })
    const second = await door.send('POST', '/api/v2/jobs', {
      body,
      headers: { 'idempotency-key': '8e03978e-40d5-43e8-bc93-6894a57f9324' },
    })
    expect(first.status).toBe(201)
    expect(first.headers.get('idempotency-replayed')).toBeNull()
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect({ status: second.status, text: second.text, at: second.headers.get('location') }).toEqual({
      status: 201,
      text: first.text,
      at: first.headers.get('location'),
    })
  })

  test.for<[string, object]>([
    ['a plain job', {}],
    [
      'one that says all',
      { id: 'all', service: 's', tags: ['a'], metadata: { k: 'v' }, options: { priority: 'high' } },
    ],
    ['one for later', { options: { delay_ms: 60_000 } }],
    ['one with waits of its own', { options: { timeout_ms: 9, backoff: { type: 'custom', delays: [5] } } }],
  ])(
    'has %s told again to the letter, another day and in another trace, from a few facts',
    async ([, more], { door, clock, kernel, prefix }) => {
      const send = (trace: string) =>
        door.send('POST', '/api/v2/jobs', {
          body: { ...body, ...more },
          headers: { 'idempotency-key': 'again', traceparent: `00-${trace.repeat(32)}-00f067aa0ba902b7-01` },
        })
      const first = await send('a')
      expect(first.status).toBe(201)
      const [place = ''] = await kernel.redis.keys(`{${prefix}}:idem:*`)
      expect((await kernel.redis.get(place))?.length).toBeLessThan(140)
      await clock.advance(3_600_000)
      const again = await send('b')
      expect(again.headers.get('idempotency-replayed')).toBe('true')
      expect([again.status, again.text, again.headers.get('location')]).toEqual([
        201,
        first.text,
        first.headers.get('location'),
      ])
    },
  )

  test('shows the job as it is by now where another version of k1n told of it, and as it was where it is gone', async ({
    door,
    kernel,
    prefix,
  }) => {
    const send = () => door.send('POST', '/api/v2/jobs', { body, headers: { 'idempotency-key': 'upgraded' } })
    const first = await send()
    const path = first.headers.get('location') ?? ''
    const [place = ''] = await kernel.redis.keys(`{${prefix}}:idem:*`)
    const kept = (await kernel.redis.get(place)) ?? ''
    await kernel.redis.set(place, kept.replace(/^(t.{43})\w+/, '$1other'))
    await door.send('PATCH', path, { body: { priority: 'high' } })
    expect(await send()).toMatchObject({ status: 201, json: { priority_name: 'high' } })
    await door.send('DELETE', path)
    expect((await send()).text).toBe(first.text)
  })

  test('of which nothing can be read is refused, and holds up no other job', async ({ door, kernel, prefix }) => {
    const send = (key: string) => door.send('POST', '/api/v2/jobs', { body, headers: { 'idempotency-key': key } })
    await send('odd')
    const [place = ''] = await kernel.redis.keys(`{${prefix}}:idem:*`)
    const kept = (await kernel.redis.get(place)) ?? ''
    for (const text of ['', 'x', `x${kept.slice(1)}`, `${kept.slice(0, 44)}sum `, `${kept.slice(0, 44)}sum no facts`]) {
      await kernel.redis.set(place, text)
      expect((await send('odd')).json).toMatchObject({ code: 'idempotency-key-reused' })
    }
    await kernel.redis.del(place)
    await kernel.redis.lpush(place, 'no text')
    const [odd, other] = await Promise.all([send('odd'), send('other')])
    expect([odd.status, other.status]).toEqual([422, 201])
  })

  test('that comes again writes nothing of its queue, and is answered although its like would be refused by now', async ({
    door,
    kernel,
  }) => {
    const send = () => door.send('POST', '/api/v2/jobs', { body, headers: { 'idempotency-key': 'later' } })
    const first = await send()
    const keys = door.api.rooms.bull.keys('http')
    const before = await kernel.redis.get(keys.id)
    await kernel.redis.del(keys.meta)
    expect((await send()).text).toBe(first.text)
    expect([await kernel.redis.get(keys.id), await kernel.redis.exists(keys.meta)]).toEqual([before, 0])
    const { catalog } = door.api.rooms
    const known = catalog['http.request']
    Object.assign(catalog, { 'http.request': { ...known, payload: z.never() } })
    try {
      await kernel.redis.del(keys.job((first.json as { id: string }).id.split(':')[1] ?? ''))
      expect(await send()).toMatchObject({ status: 201, json: { id: (first.json as { id: string }).id } })
    } finally {
      Object.assign(catalog, { 'http.request': known })
    }
  })

  test('costs no round trip to Redis of its own', async ({ door, kernel }) => {
    const send = (key: string) => door.send('POST', '/api/v2/jobs', { body, headers: { 'idempotency-key': key } })
    await send('warm-up')
    const asked = vi.spyOn(kernel.redis, 'evalsha')
    expect((await send('one')).status).toBe(201)
    expect(asked.mock.calls.filter((call) => call.some((part) => String(part).includes(':idem:')))).toHaveLength(1)
    asked.mockClear()
    expect((await send('one')).headers.get('idempotency-replayed')).toBe('true')
    // The audit tells of the first one when it likes, and keeps nobody waiting.
    const others = asked.mock.calls.filter((call) => !call.some((part) => String(part).includes(':audit:')))
    expect(others).toHaveLength(1)
  })

  test('makes one job of fifty requests at once', async ({ door }) => {
    const send = () => door.send('POST', '/api/v2/jobs', { body, headers: { 'idempotency-key': 'fifty' } })
    const replies = await Promise.all(Array.from({ length: 50 }, send))
    const made = replies.filter((reply) => reply.status === 201)
    expect(made.length).toBeGreaterThan(0)
    expect(replies.every((reply) => reply.status === 201 || reply.status === 409)).toBe(true)
    expect(new Set(made.map((reply) => (reply.json as { id: string }).id)).size).toBe(1)
    expect(made.filter((reply) => reply.headers.get('idempotency-replayed') === null)).toHaveLength(1)
    expect((await door.api.rooms.bull.counts(['http'])).get('http')?.waiting).toBe(1)
  })

  test('finds the same job when the process died between enqueuing and remembering', async ({
    door,
    kernel,
    prefix,
  }) => {
    const send = () => door.send('POST', '/api/v2/jobs', { body, headers: { 'idempotency-key': 'crash' } })
    const first = await send()
    const [record = ''] = await kernel.redis.keys(`{${prefix}}:idem:*`)
    await kernel.redis.del(record)
    const second = await send()
    expect((second.json as { id: string }).id).toBe((first.json as { id: string }).id)
    expect(second.status).toBe(200)
  })

  test.for<[string, object, number]>([
    ['a refusal on the way to its work', { name: 'nobody.knows' }, 422],
    ['an id that is taken', { ...body, id: 'taken' }, 409],
    ['a job with a dedup id', { ...body, options: { dedup: { id: 'one' } } }, 201],
    ['a job that expires', { ...body, options: { ttl_ms: 60_000 } }, 201],
  ])('answers %s again as the first time', async ([, sent, status], { door }) => {
    await door.client.jobs.create({ body: { ...body, id: 'taken' } })
    const headers = { 'idempotency-key': 'same' }
    const send = () => door.send('POST', '/api/v2/jobs', { body: sent, headers })
    const first = await send()
    expect(first.status).toBe(status)
    // What a request was told is kept after it was told.
    await vi.waitFor(async () => {
      const again = await send()
      expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([status, 'true'])
      expect(again.text).toBe(first.text)
    })
    const other = { name: 'other', queue: 'http', data: { n: 1 } }
    expect((await door.send('POST', '/api/v2/jobs', { body: other, headers })).json).toMatchObject({
      code: 'idempotency-key-reused',
    })
  })

  test('makes no second job of what has gone meanwhile', async ({ door }) => {
    const send = () => door.send('POST', '/api/v2/jobs', { body, headers: { 'idempotency-key': 'gone' } })
    const first = await send()
    const path = first.headers.get('location') ?? ''
    expect((await door.send('DELETE', path)).status).toBe(204)
    expect((await send()).text).toBe(first.text)
    expect((await door.send('GET', path)).status).toBe(404)
  })

  test('of one caller means nothing for another', async ({ door }) => {
    const other = await door.keyOf('developer')
    const headers = { 'idempotency-key': 'mine' }
    const first = await door.send('POST', '/api/v2/jobs', { body, headers })
    const second = await door.send('POST', '/api/v2/jobs', {
      body,
      headers: { ...headers, authorization: `Bearer ${other}` },
    })
    expect(second.headers.get('idempotency-replayed')).toBeNull()
    expect((second.json as { id: string }).id).not.toBe((first.json as { id: string }).id)
  })
})

describe('POST /jobs/bulk', () => {
  test('makes many, one result each, in order', async ({ door }) => {
    const jobs = Array.from({ length: 20 }, (_, i) => ({ ...body, id: `bulk-${i}` }))
    const reply = await door.client.jobs.createMany({ body: { jobs }, idempotencyKey: 'bulk' })
    expect(reply.summary).toEqual({ total: 20, succeeded: 20, failed: 0 })
    expect(reply.results.map((result) => result.task_id)).toEqual(jobs.map((job) => `http:t_${job.id}`))
  })

  test('tells each item alone when it is not atomic', async ({ door }) => {
    const reply = await door.client.jobs.createMany({
      body: { atomic: false, jobs: [body, { ...body, data: { url: 7 } }, body] },
    })
    expect(reply.summary).toEqual({ total: 3, succeeded: 2, failed: 1 })
    expect(reply.results[1]).toMatchObject({ index: 1, status: 422, problem: { code: 'validation-failed' } })
  })
})
