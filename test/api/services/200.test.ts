// Services over HTTP: declared, made and learnt ones, with versions that keep changes apart.
import { describe, expect, expectProblem, test } from '../fixtures.ts'

const path = '/api/v2/services'

describe('what is declared', () => {
  test('is listed and shown, with where each part comes from', async ({ door }) => {
    const list = await door.client.services.list()
    expect(list.data.map(({ name }) => name)).toContain('payments.example')
    const reply = await door.send('GET', `${path}/payments.example`)
    expect(reply.json).toMatchObject({
      origin: 'declared',
      concurrency: { max: 20 },
      breaker: { consecutive_failures: 8 },
      sources: { breaker: 'declared', budget: 'declared' },
      version: 0,
    })
    expect(reply.headers.get('etag')).toBe('"0"')
  })

  test('stays changed by an operator, part by part, until that is forgotten', async ({ door }) => {
    const edited = await door.client.services.edit({
      params: { service: 'payments.example' },
      body: { breaker: { open_ms: 5_000, window: { size: 30 } }, concurrency: null },
    })
    expect(edited).toMatchObject({
      concurrency: null,
      breaker: { open_ms: 5_000, consecutive_failures: 8, window: { size: 30, min_calls: 20 } },
      sources: { breaker: 'edited', budget: 'declared', concurrency: 'edited' },
      updated_by: 'admin',
    })
    await door.client.services.edit({ params: { service: 'payments.example' }, body: { breaker: { jitter: 0 } } })
    const shown = await door.client.services.show({ params: { service: 'payments.example' } })
    expect(shown.breaker).toMatchObject({ open_ms: 5_000, jitter: 0, window: { size: 30 } })
    await door.client.services.remove({ params: { service: 'payments.example' } })
    const back = await door.client.services.show({ params: { service: 'payments.example' } })
    expect(back).toMatchObject({ version: 0, concurrency: { max: 20 }, sources: { concurrency: 'declared' } })
  })
})

describe('what is made', () => {
  test('is there, is told as a fact, is replaced and goes', async ({ door }) => {
    const body = { name: 'spotify', budget: { limit: 300, per_ms: 30_000 } }
    const made = await door.send('POST', '/api/v2/services', { body })
    expect(made.status).toBe(201)
    expect(made.headers.get('location')).toBe(`${path}/spotify`)
    expect(made.json).toMatchObject({ origin: 'created', budget: { limit: 300, unit: 'calls' } })
    const replaced = await door.client.services.replace({ params: { service: 'spotify' }, body: { summary: 'Music.' } })
    expect(replaced).toMatchObject({ budget: null, summary: 'Music.' })
    expect((await door.send('DELETE', `${path}/spotify`)).status).toBe(204)
    expectProblem(await door.send('GET', `${path}/spotify`), 404, 'service-not-found')
    const facts = await door.api.rooms.log.readAfter('0-0', 100)
    const told = facts.filter(({ name }) => name === 'service.changed').map(({ data }) => JSON.parse(data) as object)
    expect(told).toMatchObject([
      { service: 'spotify', change: 'created', parts: ['breaker', 'budget', 'concurrency', 'retry_budget'] },
      { change: 'edited', actor: 'admin' },
      { change: 'deleted' },
    ])
  })

  test('201: a PUT makes what is not there, and only that with If-None-Match', async ({ door }) => {
    const headers = { 'if-none-match': '*' }
    const existing = { 'if-match': '*' }
    expectProblem(await door.send('PUT', `${path}/new`, { body: {}, headers: existing }), 412, 'precondition-failed')
    expect((await door.send('PUT', `${path}/new`, { body: {}, headers })).status).toBe(201)
    expectProblem(await door.send('PUT', `${path}/new`, { body: {}, headers }), 412, 'precondition-failed')
  })
})

test('hosts that were learnt are listed apart, page by page', async ({ door }) => {
  for (const host of ['c.example', 'A.example.', 'b.example:8080', '[::1]:80']) door.api.rooms.services.learn(host)
  await expect
    .poll(async () => (await door.client.services.list({ query: { origin: ['learnt'] } })).data)
    .toHaveLength(4)
  const first = await door.client.services.list({ query: { origin: ['learnt'], q: 'example', limit: 2 } })
  expect(first.data.map(({ name, origin }) => [name, origin])).toEqual([
    ['a.example', 'learnt'],
    ['b.example:8080', 'learnt'],
  ])
  const cursor = first.page.next_cursor ?? ''
  const second = await door.client.services.list({ query: { origin: ['learnt'], q: 'example', limit: 2, cursor } })
  expect(second.data.map(({ name }) => name)).toEqual(['c.example'])
})

describe('versions', () => {
  test('412: of two changes to one version one is made', async ({ door }) => {
    const headers = { 'if-match': '"0"' }
    const edit = () => door.send('PATCH', `${path}/smtp.example`, { body: { summary: 'Mail.' }, headers })
    const [a, b] = await Promise.all([edit(), edit()])
    expect([a.status, b.status].sort()).toEqual([200, 412])
    const refused = a.status === 412 ? a : b
    expectProblem(refused, 412, 'precondition-failed')
    const current = (await door.send('GET', `${path}/smtp.example`)).headers.get('etag')
    expect(refused.headers.get('etag') ?? current).toBe(current)
    expectProblem(await door.send('DELETE', `${path}/smtp.example`, { headers }), 412, 'precondition-failed')
    const now = { 'if-match': `W/"9", ${current ?? ''}` }
    expect((await door.send('DELETE', `${path}/smtp.example`, { headers: now })).status).toBe(204)
  })

  test('400: what is no entity tag', async ({ door }) => {
    const reply = await door.send('PATCH', `${path}/smtp.example`, { body: {}, headers: { 'if-match': '"nonsense' } })
    expectProblem(reply, 400, 'invalid-header')
  })
})

describe('what cannot be', () => {
  test('404: a service nobody knows', async ({ door }) => {
    expectProblem(await door.send('PATCH', `${path}/nobody`, { body: {} }), 404, 'service-not-found')
    expectProblem(await door.send('DELETE', `${path}/nobody`), 404, 'service-not-found')
  })

  test('409: a name that is taken, and more services than are kept', async ({ door, kernel }) => {
    const body = { name: 'smtp.example' }
    expectProblem(await door.send('POST', path, { body }), 409, 'already-exists')
    const filler = Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`s${n}`, '1 {}']))
    await kernel.redis.hset(kernel.key('services', 'records'), filler)
    expectProblem(await door.send('POST', path, { body: { name: 'one-more' } }), 409, 'too-many-services')
  })

  test('422: names, limits and changes that contradict themselves', async ({ door }) => {
    for (const body of [
      { name: 'Upper' },
      { name: 'timeline' },
      { name: 'a', budget: { limit: 0, per_ms: 1_000 } },
      { name: 'a', breaker: { open_ms: 900_000 } },
      { name: 'a', version: 3 },
    ])
      expectProblem(await door.send('POST', path, { body }), 422, 'validation-failed')
    const reply = await door.send('PATCH', `${path}/smtp.example`, { body: { breaker: { open_ms: 900_000 } } })
    expect(expectProblem(reply, 422, 'validation-failed')['errors']).toMatchObject([
      { pointer: '#/breaker/open_max_ms' },
    ])
  })
})

describe('the quota', () => {
  test('tells what is used of a budget and what is left, and 404 for what is no service', async ({ door }) => {
    await door.client.services.create({ body: { name: 'spotify', budget: { limit: 300, per_ms: 30_000 } } })
    const grant = await door.api.rooms.budgets.take('spotify', {
      limit: 300,
      per_ms: 30_000,
      unit: 'calls',
      allocations: [],
    })
    expect(grant).toMatchObject({ granted: true })
    const quota = await door.client.services.quota({ params: { service: 'spotify' } })
    expect(quota).toMatchObject({ limit: 300, per_ms: 30_000, throttled_until: null })
    expect(quota.used).toBeGreaterThanOrEqual(1)
    expect(quota.remaining).toBe(300 - quota.used)
    expectProblem(await door.send('GET', `${path}/nobody/quota`), 404, 'service-not-found')
  })
})
