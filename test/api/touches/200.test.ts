// What things touch, over HTTP: of a service, of workers of one version, of a key; and what the last hour would have been.
import { HISTORY_SLOT_MS } from '../../../shared/breakers/history.ts'
import { recentJobsKey } from '../../../shared/jobs/recent.ts'
import { describe, expect, expectProblem, test } from '../fixtures.ts'

const touching = '/api/v2/services/smtp.example/touches'

describe('what goes through a service', () => {
  test('is declared, and due soon', async ({ door }) => {
    await door.client.jobs.create({ body: { name: 'demo.mail', data: { to: 'a', subject: 'b' } } })
    const told = await door.client.touches.service({ params: { service: 'smtp.example' } })
    expect(told).toMatchObject({
      service: 'smtp.example',
      queues: [{ queue: 'mail', waiting: 1, uses: [{ name: 'demo.mail', declared: true }] }],
      flows: { total: 0, looked_at: 1, of: 1 },
      webhooks: { total: 0, complete: true },
    })
  })

  test('is told by jobs that are there, where their payload chooses the service', async ({ door }) => {
    await door.client.services.create({ body: { name: 'crm.example' } })
    await door.client.jobs.create({ body: { name: 'http.request', data: { url: 'https://crm.example/a' } } })
    const told = await door.client.touches.service({ params: { service: 'crm.example' } })
    expect(told.queues).toMatchObject([
      { queue: 'http', waiting: 1, uses: [{ name: 'http.request', declared: false, now: 1, seen: 0 }] },
    ])
  })

  test('404 service-not-found; 403 for who may not read jobs', async ({ door }) => {
    expectProblem(await door.send('GET', '/api/v2/services/nobody/touches'), 404, 'service-not-found')
    const authorization = `Bearer ${await door.keyWith(['services:read', 'queues:read'])}`
    expectProblem(await door.send('GET', touching, { headers: { authorization } }), 403, 'insufficient-scope')
  })
})

describe('what the last hour would have been', () => {
  const asked = '/api/v2/services/smtp.example/what-if'

  test('with the breaker held, and with half of the budget', async ({ door }) => {
    const params = { service: 'smtp.example' }
    const closed = await door.client.touches.whatIf({ params, body: { force: 'closed' } })
    expect(closed).toMatchObject({ as_it_was: { calls: 0 }, changed: { calls: 0, refused: 0 }, estimated: false })
    const half = await door.client.touches.whatIf({ params, body: { budget_limit: 600 } })
    expect(half).toMatchObject({ resolution_ms: HISTORY_SLOT_MS, changed: { delayed: 0, left: 0 } })
  })

  test('422 names what is missing, and a limit of a budget that there is not', async ({ door }) => {
    expectProblem(await door.send('POST', asked, { body: {} }), 422, 'validation-failed')
    const both = { force: 'open', budget_limit: 5 }
    expectProblem(await door.send('POST', asked, { body: both }), 422, 'validation-failed')
    const path = '/api/v2/services/payments.example/what-if'
    const reply = await door.send('POST', path, { body: { budget_limit: 5 } })
    expectProblem(reply, 422, 'validation-failed')
    expect(reply.json).toMatchObject({ errors: [{ pointer: '#/budget_limit' }] })
    expectProblem(await door.send('POST', '/api/v2/services/nobody/what-if', { body: { force: 'open' } }), 404, 'service-not-found') // prettier-ignore
  })
})

test('workers of one version touch their queues; 404 worker-not-found where none lives', async ({ door }) => {
  const at = Date.now()
  await door.api.rooms.registry.beat({
    ...{ id: 'w_host-1-abc', host: 'host', pid: 1, version: '7 beta', slots: { mail: 5 }, names: ['demo.mail'] },
    ...{ running: 0, started_at: at, last_seen_at: at, last_fetch_at: at, rss_bytes: 1_000 },
  })
  expect(await door.client.touches.version({ params: { version: '7 beta' } })).toMatchObject({
    queues: [{ queue: 'mail', slots: 5, other_slots: 0, only_here: ['demo.mail'] }],
    services: [{ service: 'smtp.example', names: ['demo.mail'] }],
  })
  expectProblem(await door.send('GET', '/api/v2/worker-versions/8/touches'), 404, 'worker-not-found')
})

describe('a key', () => {
  test('touches queues it may use, what it added, and what it changed', async ({ door, kernel }) => {
    const made = await door.client.auth.createKey({ body: { name: 'mailer', role: 'admin', queues: ['mail'] } })
    await door.client.jobs.create({ body: { name: 'demo.mail', data: { to: 'a', subject: 'b' } } })
    const headers = { authorization: `Bearer ${made.key}` }
    const body = { name: 'demo.mail', data: { to: 'a', subject: 'b' } }
    const added = await door.send('POST', '/api/v2/jobs', { headers, body })
    const { id } = added.json as { id: string }
    // As the recorder would.
    await kernel.redis.zadd(recentJobsKey(kernel), Date.now(), id)
    await door.send('POST', '/api/v2/services', { headers, body: { name: 'made' } })
    const params = { key_id: made.id }
    expect(await door.client.touches.key({ params })).toMatchObject({
      ...{ queues: ['mail'], queues_total: 1, webhooks: null },
      jobs: { data: [{ queue: 'mail', name: 'demo.mail', jobs: 1 }], added: 1, lately: { looked_at: 1 } },
      changes: { total: 1, data: [{ kind: 'service', changes: 1 }], complete: true },
    })
    const seen = { authorization: `Bearer ${await door.keyWith(['keys:read'], ['billing'])}` }
    const shown = await door.send('GET', `/api/v2/api-keys/${made.id}/touches`, { headers: seen })
    expect(shown.json).toMatchObject({ queues: [], jobs: null, changes: null })
    expectProblem(await door.send('GET', '/api/v2/api-keys/key_none/touches'), 404, 'key-not-found')
  })
})
