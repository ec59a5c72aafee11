// Webhooks over HTTP: made, shown, changed, given new secrets, tried out and deleted.
import { Webhook as Standard } from 'standardwebhooks'
import { Webhook as Svix } from 'svix'
import { body, bearer, describe, expect, path, test, url } from './work.ts'

describe('an endpoint', () => {
  test('201: is made, with its secret shown this once and nothing of it anywhere else', async ({
    door,
    make,
    kernel,
  }) => {
    const made = await make({ headers: { 'X-Token': 'top-secret' }, description: 'Orders.' })
    expect(made.status).toBe(201)
    expect(made.json.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(made.headers.get('location')).toBe(`${path}/${made.json.id}`)
    expect(made.json).toMatchObject({
      url,
      enabled: true,
      disabled_reason: null,
      headers: ['x-token'],
      queues: ['*'],
      secret_hint: made.json.secret.slice(-4),
      concurrency: 4,
      api_version: 2,
      consecutive_failures: 0,
      last_success_at: null,
    })
    const shown = await door.send('GET', `${path}/${made.json.id}`)
    expect(shown.headers.get('etag')).toBe(`"${made.json.version}"`)
    const all = shown.text + (await door.send('GET', path)).text
    const kept = JSON.stringify(await kernel.redis.hgetall(kernel.key('webhooks', 'records')))
    for (const text of [all, kept]) {
      expect(text).not.toContain('whsec_')
      expect(text).not.toContain('top-secret')
    }
  })

  test('takes a secret that somebody has already', async ({ door }) => {
    const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
    expect((await door.client.webhooks.create({ body: { ...body, secret } })).secret).toBe(secret)
  })

  test('is listed newest first, page by page, by what it is', async ({ door, make }) => {
    const ids: string[] = []
    for (const [n, subscriber] of ['acme', 'other', 'acme'].entries())
      ids.unshift((await make({ subscriber, description: `No. ${n}` })).json.id)
    const first = await door.client.webhooks.list({ query: { limit: 2 } })
    expect(first.data.map(({ id }) => id)).toEqual(ids.slice(0, 2))
    const cursor = first.page.next_cursor ?? ''
    const second = await door.client.webhooks.list({ query: { limit: 2, cursor } })
    expect(second.data.map(({ id }) => id)).toEqual(ids.slice(2))
    const of = async (query: object) => (await door.client.webhooks.list({ query })).data.map(({ id }) => id)
    expect(await of({ subscriber: 'acme' })).toEqual([ids[0], ids[2]])
    expect(await of({ q: 'No. 1' })).toEqual([ids[1]])
    expect(await of({ enabled: 'false' })).toEqual([])
  })

  test('is changed in part, the rest stays', async ({ door, make }) => {
    const { id, version } = (
      await make({ headers: { 'x-a': '1' }, filter: [{ path: 'queue', op: 'eq', value: 'mail' }] })
    ).json
    const edited = await door.send('PATCH', `${path}/${id}`, {
      body: { event_types: ['*'], description: 'All.' },
      headers: { 'if-match': `"${version}"` },
    })
    expect(edited.json).toMatchObject({ event_types: ['*'], description: 'All.', url, headers: ['x-a'] })
    expect(edited.json).toMatchObject({ filter: [{ path: 'queue', op: 'eq', value: 'mail' }], concurrency: 4 })
    const bare = await door.client.webhooks.edit({ params: { webhook_id: id }, body: { headers: {} } })
    expect(bare).toMatchObject({ headers: [], description: 'All.' })
  })

  test('is disabled and enabled, and goes, all of which is told', async ({ door, make }) => {
    const { id } = (await make({ subscriber: 'acme' })).json
    const params = { webhook_id: id }
    const off = await door.client.webhooks.edit({ params, body: { enabled: false } })
    expect(off).toMatchObject({ enabled: false, disabled_reason: 'by_operator' })
    expect(off.disabled_at).not.toBeNull()
    const on = await door.client.webhooks.edit({ params, body: { enabled: true } })
    expect(on).toMatchObject({ enabled: true, disabled_reason: null, disabled_at: null })
    await door.client.webhooks.remove({ params })
    const facts = await door.api.rooms.log.readAfter('0-0', 100)
    const told = facts.map(({ name, data }) => [name, JSON.parse(data) as object] as const)
    expect(told).toMatchObject([
      ['webhook.endpoint_changed', { webhook_id: id, subscriber: 'acme', change: 'created', actor: 'admin' }],
      ['webhook.endpoint_disabled', { webhook_id: id, reason: 'by_operator', actor: 'admin' }],
      ['webhook.endpoint_changed', { change: 'enabled' }],
      ['webhook.endpoint_changed', { change: 'deleted' }],
    ])
  })

  test('is made once for one Idempotency-Key, whose secret is told again and lies sealed', async ({ door, kernel }) => {
    const send = () => door.send('POST', path, { body, headers: { 'idempotency-key': 'once' } })
    const first = await send()
    // What was answered is kept a moment after it was sent.
    await expect.poll(async () => (await send()).headers.get('idempotency-replayed')).toBe('true')
    expect((await send()).json).toEqual(first.json)
    expect((await door.client.webhooks.list()).data).toHaveLength(1)
    const keys = (await kernel.redis.keys('*')).filter((key) => key.startsWith(kernel.key('idem')))
    expect(keys).toHaveLength(1)
    expect(await kernel.redis.get(keys[0] ?? '')).not.toContain('whsec_')
  })
})

test('204: an endpoint that is deleted is not there any more, nor how it fared', async ({ door, kernel, make }) => {
  const { id } = (await make()).json
  const state = kernel.key('deliveries', 'state', id)
  await kernel.redis.hset(state, 'failures', 1)
  expect((await door.send('DELETE', `${path}/${id}`)).status).toBe(204)
  expect((await door.send('GET', `${path}/${id}`)).status).toBe(404)
  expect(await kernel.redis.exists(state)).toBe(0)
})

describe('a rotation', () => {
  test('signs with both secrets until the old one has had its time', async ({ door, make, receiver }) => {
    const { id, secret: old } = (await make({ url: receiver.url })).json
    const params = { webhook_id: id }
    await door.client.webhooks.test({ params })
    const rotated = await door.client.webhooks.rotate({ params, body: { grace_s: 60 } })
    expect(rotated.secret).not.toBe(old)
    expect(rotated.webhook).toMatchObject({ secret_hint: rotated.secret.slice(-4) })
    expect(rotated.webhook.secrets.map(({ hint }) => hint)).toEqual([rotated.secret.slice(-4), old.slice(-4)])
    expect(rotated.previous_expires_at).toBe(rotated.webhook.secrets[1]?.expires_at)
    await door.client.webhooks.test({ params })
    const last = await door.client.webhooks.rotate({ params, body: { grace_s: 0 } })
    expect(last.previous_expires_at).toBeNull()
    await door.client.webhooks.test({ params })
    const [before, during, after] = receiver.got.map(({ headers, body: text }) => ({ headers, text }))
    const takes = (secret: string, message = before) => {
      const verify = () =>
        [new Standard(secret), new Svix(secret)].map((one) => one.verify(message?.text ?? '', message?.headers ?? {}))
      return expect(verify)
    }
    takes(old, before).not.toThrow()
    takes(old, during).not.toThrow()
    takes(rotated.secret, during).not.toThrow()
    takes(last.secret, after).not.toThrow()
    takes(old, after).toThrow()
    takes(rotated.secret, before).toThrow()
  })

  test('takes a secret of your own, and none at all makes one for a day', async ({ door, make }) => {
    const { id } = (await make()).json
    const secret = `whsec_${Buffer.alloc(64, 9).toString('base64')}`
    expect((await door.client.webhooks.rotate({ params: { webhook_id: id }, body: { secret } })).secret).toBe(secret)
    const bare = await door.send('POST', `${path}/${id}/secret/rotate`)
    expect(bare.status).toBe(200)
    const leftMs = Date.parse((bare.json as { previous_expires_at: string }).previous_expires_at) - Date.now()
    expect(Math.round(leftMs / 3_600_000)).toBe(24)
  })
})

describe('a test', () => {
  test('sends a signed example with all headers, and tells what was answered', async ({ door, make, receiver }) => {
    receiver.answers = Object.assign(receiver.answers, { status: 202, body: `thanks ${'x'.repeat(5_000)}` })
    const { id, secret } = (await make({ url: receiver.url, headers: { 'X-Token': 't' }, legacy_signature: 'github' }))
      .json
    const tested = await door.client.webhooks.test({ params: { webhook_id: id }, body: { event_type: 'job.failed' } })
    expect(tested).toMatchObject({ delivered: true, status_code: 202, error_code: null, peer_ip: '127.0.0.1' })
    expect(tested.response_excerpt).toHaveLength(1_024)
    const [message] = receiver.got
    expect(message?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'k1n-webhooks/2',
      'webhook-id': tested.message_id,
      'x-k1n-event': 'job.failed',
      'x-token': 't',
      'x-hub-signature-256': expect.stringMatching(/^sha256=[0-9a-f]{64}$/) as string,
    })
    const verified = new Standard(secret).verify(message?.body ?? '', message?.headers ?? {})
    expect(verified).toMatchObject({ type: 'job.failed', api_version: 2, data: { test: true, queue: 'mail' } })
    expect(() => new Standard(secret).verify(`${message?.body ?? ''} `, message?.headers ?? {})).toThrow()
  })

  test('is kept among the deliveries, marked, with what was sent and answered, and is none to recover or resend', async ({
    door,
    make,
    receiver,
  }) => {
    const params = { webhook_id: (await make({ url: receiver.url })).json.id }
    const arrived = await door.client.webhooks.test({ params })
    receiver.answers.status = 503
    const failed = await door.client.webhooks.test({ params, body: { event_type: 'job.failed' } })
    const { data } = await door.client.deliveries.list({ params, query: {} })
    expect(data.toReversed()).toMatchObject([
      { id: arrived.delivery_id, test: true, status: 'succeeded', event_type: 'webhook.test', attempt: 1 },
      { id: failed.delivery_id, test: true, status: 'dead', last_status_code: 503, last_error_code: 'http_503' },
    ])
    const shown = await door.client.deliveries.show({ params: { delivery_id: failed.delivery_id } })
    expect(shown).toMatchObject({ test: true, message_id: failed.message_id, waits: null, body: receiver.got[1]?.body })
    expect(shown.attempts).toMatchObject([{ n: 1, status_code: 503, request_headers: { 'x-k1n-event': 'job.failed' } }])
    expect(await door.client.webhooks.show({ params })).toMatchObject({ consecutive_failures: 0, last_failure: null })
    const body = { from: '2026-01-01T00:00:00.000Z', dry_run: true }
    expect(await door.client.deliveries.replay({ params, body })).toMatchObject({ matched: 0 })
    const { status, text } = await door.send('POST', `${path}/deliveries/${failed.delivery_id}/retry`)
    expect([status, JSON.parse(text)]).toMatchObject([409, { code: 'delivery-not-resendable' }])
  })

  test('of nothing in particular, and of a disabled endpoint, is sent too', async ({ door, make, receiver }) => {
    const { id } = (await make({ url: receiver.url })).json
    await door.client.webhooks.edit({ params: { webhook_id: id }, body: { enabled: false } })
    expect(await door.client.webhooks.test({ params: { webhook_id: id } })).toMatchObject({
      event_type: 'webhook.test',
    })
    expect(JSON.parse(receiver.got[0]?.body ?? '')).toMatchObject({ type: 'webhook.test', data: { test: true } })
  })

  test('tells a refusal, a redirect and a failure by their names', async ({ door, make, receiver }) => {
    const params = { webhook_id: (await make({ url: receiver.url })).json.id }
    receiver.answers.status = 500
    expect(await door.client.webhooks.test({ params })).toMatchObject({
      delivered: false,
      status_code: 500,
      error_code: null,
    })
    receiver.answers.status = 302
    expect(await door.client.webhooks.test({ params })).toMatchObject({
      delivered: false,
      status_code: 302,
      error_code: 'redirect',
    })
    const nobody = { webhook_id: (await make()).json.id }
    expect(await door.client.webhooks.test({ params: nobody })).toMatchObject({
      delivered: false,
      status_code: null,
      error_code: 'refused',
    })
  })
})

describe('the event types', () => {
  test('are told with a schema and an example each', async ({ door }) => {
    const { data } = await door.client.webhooks.eventTypes()
    const types = new Map(data.map((one) => [one.type, one]))
    expect(types.get('error_recovery.retry_attempt')).toMatchObject({
      live: 'retry:attempt',
      schema: { type: 'object' },
      example: { attempt: 1, will_retry: true },
    })
    expect(types.has('job.progress')).toBe(false)
  })

  test('that a subscriber can be sent are fewer', async ({ door }) => {
    const { key } = await door.client.auth.createKey({
      body: { name: 'acme', subscriber: 'acme', scopes: ['webhooks:read'] },
    })
    const reply = await door.send('GET', `${path}/event-types`, { headers: bearer(key) })
    const types = (reply.json as { data: { type: string }[] }).data.map(({ type }) => type)
    expect(types).toContain('job.failed')
    expect(types).not.toContain('worker.online')
  })
})

describe("a subscriber's key", () => {
  test('begins with k1n_pk_, makes and sees the endpoints of its subscriber only', async ({ door, make }) => {
    const made = await door.client.auth.createKey({
      body: { name: 'acme', subscriber: 'acme', scopes: ['webhooks:read', 'webhooks:write'], queues: ['mail'] },
    })
    expect(made).toMatchObject({ subscriber: 'acme', queues: ['mail'] })
    expect(made.key).toMatch(/^k1n_pk_/)
    await make({ subscriber: 'other' })
    const own = await make({ event_types: ['job.failed'] }, made.key)
    expect(own.json).toMatchObject({ subscriber: 'acme', queues: ['mail'], created_by: 'acme' })
    const list = await door.send('GET', path, { headers: bearer(made.key) })
    expect((list.json as { data: { id: string }[] }).data.map(({ id }) => id)).toEqual([own.json.id])
    expect((await door.client.webhooks.list()).data).toHaveLength(2)
  })

  test('hears of no queue unless some are named', async ({ door, make }) => {
    const { key } = await door.client.auth.createKey({
      body: { name: 'acme', subscriber: 'acme', scopes: ['webhooks:write'] },
    })
    expect((await make({}, key)).json.queues).toEqual([])
  })

  test('stays that in the dashboard, and sees nothing else', async ({ door, make }) => {
    const { key } = await door.client.auth.createKey({
      body: { name: 'acme', subscriber: 'acme', scopes: ['webhooks:read'] },
    })
    await make({ subscriber: 'other' })
    const signedIn = await door.send('POST', '/auth/login', { body: { key }, headers: { authorization: undefined } })
    expect(signedIn.json).toMatchObject({ subscriber: 'acme', scopes: ['webhooks:read'] })
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    const ask = (at: string) => door.send('GET', at, { headers: { authorization: undefined, cookie } })
    expect((await ask(path)).json).toMatchObject({ data: [] })
    expect((await ask('/api/v2/queues')).status).toBe(403)
  })
})
