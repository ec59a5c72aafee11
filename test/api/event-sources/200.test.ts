// Event sources over HTTP: made, shown, changed by version, given other secrets, removed.
import { SOURCES_MAX } from '../../../shared/inbound/store.ts'
import { describe, expect, expectProblem, test } from '../fixtures.ts'

const path = '/api/v2/event-sources'
const github = { name: 'GitHub', verify: { scheme: 'github' as const } }

describe('a source', () => {
  test('201: is made, with a secret that is shown this once', async ({ door }) => {
    const made = await door.send('POST', path, { body: github })
    const { id, secret } = made.json as { id: string; secret: string }
    expect(made.status).toBe(201)
    expect(made.headers.get('location')).toBe(`${path}/${id}`)
    expect(secret).toMatch(/^[0-9a-f]{64}$/)
    expect(made.json).toMatchObject({
      path: `/hooks/${id}`,
      emit: { event: 'github', append: { header: 'X-GitHub-Event' } },
      secrets: [{ hint: secret.slice(-4), expires_at: null }],
      received: 0,
      last_refusal: null,
      created_by: 'admin',
    })
    const shown = await door.send('GET', `${path}/${id}`)
    expect(shown.headers.get('etag')).toBe(made.headers.get('etag'))
    expect(shown.text).not.toContain(secret)
    expect(shown.json).not.toHaveProperty('secret')
    expect((await door.client.eventSources.list()).data).toHaveLength(1)
    const { data } = await door.client.events.list({ query: { type: ['event_source.*'] } })
    expect(data).toMatchObject([{ data: { source_id: id, change: 'created', actor: 'admin', name: 'GitHub' } }])
  })

  test('201: is made once for one Idempotency-Key, whose secret is told again and lies sealed', async ({
    door,
    kernel,
  }) => {
    const headers = { 'idempotency-key': 'once' }
    const send = () => door.send('POST', path, { body: github, headers })
    const first = await send()
    // What was answered is kept a moment after it was sent.
    await expect.poll(async () => (await send()).headers.get('idempotency-replayed')).toBe('true')
    expect((await send()).json).toEqual(first.json)
    expect((await door.client.eventSources.list()).data).toHaveLength(1)
    const { id, secret } = first.json as { id: string; secret: string }
    const rotate = () => door.send('POST', `${path}/${id}/secret/rotate`, { headers })
    const rotated = await rotate()
    await expect.poll(async () => (await rotate()).headers.get('idempotency-replayed')).toBe('true')
    expect((await rotate()).json).toEqual(rotated.json)
    const keys = (await kernel.redis.keys('*')).filter((key) => key.startsWith(kernel.key('idem')))
    expect(keys).toHaveLength(2)
    for (const text of await kernel.redis.mget(keys)) {
      expect(text).not.toContain(secret)
      expect(text).not.toContain((rotated.json as { secret: string }).secret)
    }
  })

  test('201: takes a secret that is given, and answers without it', async ({ door }) => {
    const verify = { scheme: 'stripe' as const, secret: 'whsec_from_stripe' }
    const made = await door.send('POST', path, { body: { name: 'Stripe', verify, emit: null, enabled: false } })
    expect(made.json).toMatchObject({ secret: null, emit: null, enabled: false, verify: { tolerance_s: 300 } })
    expect(made.text).not.toContain('whsec_from_stripe')
  })

  test('200: sources are listed page by page, the newest first', async ({ door }) => {
    for (const name of ['a', 'b', 'c']) await door.client.eventSources.create({ body: { ...github, name } })
    const first = await door.client.eventSources.list({ query: { limit: 2 } })
    const cursor = first.page.next_cursor ?? ''
    const second = await door.client.eventSources.list({ query: { limit: 2, cursor } })
    expect([...first.data, ...second.data].map(({ name }) => name).sort()).toEqual(['a', 'b', 'c'])
    expect(second.page.next_cursor).toBeNull()
  })

  test('200: is changed, of two changes to one version one', async ({ door }) => {
    const { id, version } = await door.client.eventSources.create({ body: github })
    const headers = { 'if-match': `"${version}"` }
    const edit = (name: string) => door.send('PATCH', `${path}/${id}`, { body: { name }, headers })
    const replies = await Promise.all([edit('x'), edit('y')])
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 412])
    const refused = replies.find(({ status }) => status === 412)
    if (refused) expectProblem(refused, 412, 'precondition-failed')
    const off = await door.client.eventSources.edit({ params: { source_id: id }, body: { enabled: false, emit: null } })
    expect(off).toMatchObject({ enabled: false, emit: null, verify: { scheme: 'github' } })
  })

  test('200: is given another secret, and the one before is taken for a while', async ({ door }) => {
    const { id } = await door.client.eventSources.create({ body: github })
    const rotate = (body?: object) => door.send('POST', `${path}/${id}/secret/rotate`, body ? { body } : {})
    const made = await rotate()
    expect(made.json).toMatchObject({ secret: expect.any(String) as string, secrets: [{ expires_at: null }, {}] })
    const given = await rotate({ secret: 'a given secret', grace_s: 0 })
    expect(given.json).toMatchObject({ secret: null, secrets: [{ hint: 't', expires_at: null }] })
    expect((given.json as { secrets: unknown[] }).secrets).toHaveLength(1)
  })

  test('204: is removed, and takes nothing any more', async ({ door }) => {
    const { id } = await door.client.eventSources.create({ body: github })
    const headers = { 'if-match': '"999"' }
    expectProblem(await door.send('DELETE', `${path}/${id}`, { headers }), 412, 'precondition-failed')
    await door.client.eventSources.remove({ params: { source_id: id } })
    expectProblem(await door.send('GET', `${path}/${id}`), 404, 'event-source-not-found')
    expectProblem(await door.send('PATCH', `${path}/${id}`, { body: {} }), 404, 'event-source-not-found')
    expectProblem(await door.send('DELETE', `${path}/${id}`), 404, 'event-source-not-found')
    expectProblem(await door.send('POST', `${path}/${id}/secret/rotate`), 404, 'event-source-not-found')
    expectProblem(await door.send('POST', `/hooks/${id}`, { body: {} }), 401, 'invalid-signature')
  })
})

test('200: sources are watched live, by who may read events', async ({ door }) => {
  const { id } = await door.client.eventSources.create({ body: { name: 'Open', verify: { scheme: 'none' } } })
  const query = { topics: 'state:event-sources', wait: 5 }
  const seen = async (after?: string) => {
    const { data, cursor } = await door.client.stream.poll({ query: { ...query, ...(after && { after }) } })
    const rows = data.flatMap((frame) => (frame.type === 'snapshot' ? [frame.rows[id] as { received: number }] : []))
    return { received: rows.at(-1)?.received, cursor }
  }
  const before = await seen()
  expect(before.received).toBe(0)
  const headers = { 'content-type': 'application/json', authorization: undefined }
  expect((await door.send('POST', `/hooks/${id}`, { raw: '{}', headers })).status).toBe(202)
  await expect.poll(async () => (await seen(before.cursor)).received).toBe(1)
  const deaf = { authorization: `Bearer ${await door.keyWith(['stream:read'])}` }
  const refused = await door.send('GET', '/api/v2/stream/events?topics=state:event-sources', { headers: deaf })
  expect(refused.status).toBe(400)
})

describe('what cannot be', () => {
  test('422: secrets, schemes and names that do not fit', async ({ door }) => {
    const verifies = [
      { scheme: 'slack' },
      { scheme: 'standard_webhooks', secret: 'not base64 at all' },
      { scheme: 'standard_webhooks', secret: 'whsec_c2hvcnQ=' },
      { scheme: 'github', secret: 'short' },
      { scheme: 'none', secret: 'there is none' },
      { scheme: 'hmac' },
      { scheme: 'hmac', signature_header: 'x y' },
      { scheme: 'rot13' },
    ]
    for (const verify of verifies)
      expectProblem(await door.send('POST', path, { body: { name: 'x', verify } }), 422, 'validation-failed')
    const emit = { event: 'job' }
    expectProblem(await door.send('POST', path, { body: { ...github, emit } }), 422, 'reserved-event-name')
    const { id } = await door.client.eventSources.create({ body: github })
    expectProblem(await door.send('PATCH', `${path}/${id}`, { body: { emit } }), 422, 'reserved-event-name')
    const other = { verify: { scheme: 'stripe' } }
    const problem = expectProblem(await door.send('PATCH', `${path}/${id}`, { body: other }), 422, 'validation-failed')
    expect(problem['errors']).toMatchObject([{ pointer: '#/verify/scheme' }])
  })

  test('409: more sources than are kept', async ({ door, kernel }) => {
    const filler = Object.fromEntries(Array.from({ length: SOURCES_MAX }, (_, n) => [`s${n}`, '1 {}']))
    await kernel.redis.hset(kernel.key('inbound', 'sources'), filler)
    expectProblem(await door.send('POST', path, { body: github }), 409, 'too-many-event-sources')
  })
})

test.extend({ settings: { K1N_SECRETS_KEY: '' } })(
  '503: secrets are not kept without a key to seal them with',
  async ({ door }) => {
    expectProblem(await door.send('POST', path, { body: github }), 503, 'secrets-unavailable')
    const open = { body: { name: 'Open', verify: { scheme: 'none' } }, headers: { 'idempotency-key': 'once' } }
    const made = await door.send('POST', path, open)
    expect(made.status).toBe(201)
    await expect.poll(async () => (await door.send('POST', path, open)).json as unknown).toEqual(made.json)
  },
)
