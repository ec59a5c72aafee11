// What the audit tells of requests: who changed what, how it was before and after, and nothing that must not be kept.
import { mistakesIn, rowsOf } from '../../../api/http/check.ts'
import { contract } from '../../../shared/contract.ts'
import { describe, expect, expectProblem, test } from '../fixtures.ts'
import type { Door } from '../fixtures.ts'

const entriesOf = async (door: Door, query = '') => {
  const reply = await door.send('GET', `/api/v2/audit${query}`)
  expect(reply.status).toBe(200)
  return (reply.json as { data: Record<string, unknown>[] }).data
}

const data = { to: 'canary@example.org', subject: 'CANARY' }
const newSchedule = {
  id: 'nightly',
  name: 'Nightly',
  trigger: { type: 'interval', every_ms: 86_400_000 },
  job_name: 'demo.mail',
  data,
}

describe('every row that takes anything but GET', () => {
  test('says what it changes, and a server that has one that does not say it refuses to start', () => {
    const rows = rowsOf(contract).filter(([, row]) => row.method !== 'GET')
    expect(rows.filter(([, row]) => row.changes === undefined).map(([name]) => name)).toEqual([])
    const bound = new Set(rowsOf(contract).map(([, row]) => row))
    const { changes: _left, ...silent } = contract.schedules.create
    const broken = { ...contract, schedules: { ...contract.schedules, create: silent } } as unknown as typeof contract
    expect(mistakesIn(broken, bound)).toContain(
      "schedules.create does not say what it changes; add `changes`, or 'nothing'",
    )
  })
})

describe('the audit', () => {
  test('tells who changed a thing, how it was and is, why, and from where', async ({ door }) => {
    await door.send('PUT', '/api/v2/services/mailer', { body: { summary: 'Mails' } })
    const key = await door.keyWith(['services:write'])
    const asker = { authorization: `Bearer ${key}`, 'x-request-id': 'req-of-mine' }
    const patched = await door.send('PATCH', '/api/v2/services/mailer', {
      body: { summary: 'Mails and letters' },
      headers: asker,
    })
    expect(patched.status).toBe(200)
    const [newest, first] = await entriesOf(door, '?kind=service')
    expect(newest).toMatchObject({
      actor: { kind: 'key', name: 'test' },
      action: 'editService',
      target: { kind: 'service', id: 'mailer' },
      before: { summary: 'Mails' },
      after: { summary: 'Mails and letters' },
      request_id: 'req-of-mine',
      ip: '127.0.0.1',
      outcome: 'done',
    })
    expect(newest?.['before']).not.toHaveProperty('name')
    expect(first).toMatchObject({ action: 'putService', actor: { id: 'admin' }, before: null })
  })

  test('keeps no secret and no payload', async ({ door, kernel }) => {
    const made = await door.client.auth.createKey({ body: { name: 'ci', role: 'viewer' } })
    await door.client.auth.rotateKey({ params: { key_id: made.id } })
    expect((await door.send('POST', '/api/v2/scheduler/schedules', { body: newSchedule })).status).toBe(201)
    await door.send('POST', '/api/v2/jobs', { body: { name: 'demo.mail', data } })
    const kept = JSON.stringify([await entriesOf(door), await entriesOf(door, '?log=work')])
    expect(kept).toContain(made.id)
    expect(kept).not.toContain(made.key)
    expect(kept).not.toMatch(/k1n_sk_[0-9A-Za-z]{38}|whsec_[A-Za-z0-9]|CANARY|canary@/)
    const raw = JSON.stringify(await kernel.redis.xrange(kernel.key('audit', 'log'), '-', '+'))
    expect(raw).not.toMatch(/k1n_sk_[0-9A-Za-z]{38}|CANARY/)
  })

  test('tells of a deletion what is gone, and its reason where one was given', async ({ door }) => {
    await door.send('PUT', '/api/v2/services/mailer', { body: { summary: 'Mails' } })
    await door.send('POST', '/api/v2/circuit-breaker/mailer/force-open', { body: { reason: 'incident 7' } })
    await door.send('DELETE', '/api/v2/services/mailer')
    const [removed, forced] = await entriesOf(door)
    expect(removed).toMatchObject({ action: 'deleteService', before: { summary: 'Mails' }, after: null })
    expect(forced).toMatchObject({ action: 'forceBreakerOpen', reason: 'incident 7', target: { kind: 'breaker' } })
  })

  test('tells nothing of what was refused, asked again, or only tried out', async ({ door, kernel }) => {
    expect((await door.send('DELETE', '/api/v2/services/nobody')).status).toBe(404)
    const preview = await door.send('POST', '/api/v2/dlq/resubmit', {
      body: { filter: { queue: ['mail'] }, dry_run: true },
    })
    expect(preview.status).toBe(200)
    const once = { body: newSchedule, headers: { 'idempotency-key': 'once' } }
    await door.send('POST', '/api/v2/scheduler/schedules', once)
    const again = await door.send('POST', '/api/v2/scheduler/schedules', once)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect((await entriesOf(door)).map(({ action }) => action)).toEqual(['createSchedule'])
    await expect.poll(() => kernel.redis.hlen(kernel.key('audit', 'open')), { timeout: 10_000 }).toBe(0)
  })

  test('keeps jobs that were handed in apart from changes', async ({ door }) => {
    const job = await door.client.jobs.create({ body: { name: 'demo.mail', data } })
    expect(await entriesOf(door)).toEqual([])
    expect(await entriesOf(door, '?log=work')).toMatchObject([
      { action: 'createJob', target: { kind: 'job', id: job.id }, actor: { id: 'admin' } },
    ])
  })

  test('names who signed in to the dashboard and what they did there', async ({ door }) => {
    const signedIn = await door.send('POST', '/auth/login', {
      body: { key: door.adminKey },
      headers: { authorization: undefined },
    })
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0]
    const { csrf_token: token } = signedIn.json as { csrf_token: string }
    const headers = {
      authorization: undefined,
      cookie,
      'x-csrf-token': token,
      'sec-fetch-site': 'same-origin',
    }
    expect((await door.send('PUT', '/api/v2/services/mailer', { body: { summary: 'Mails' }, headers })).status).toBe(
      201,
    )
    expect((await door.send('POST', '/auth/logout', { headers })).status).toBe(204)
    const entries = await entriesOf(door)
    expect(entries.map(({ action }) => action)).toEqual(['signOut', 'putService', 'signIn'])
    for (const entry of entries) expect(entry['actor']).toEqual({ kind: 'session', id: 'admin', name: 'admin' })
    expect(JSON.stringify(entries)).not.toContain(token)
  })

  test('tells of a sign-in by link, and nothing of a link that does not work', async ({ door }) => {
    const code = await door.api.rooms.auth.once.issueCode()
    expect((await door.send('GET', `/auth/login?code=${code}`)).status).toBe(303)
    expect((await door.send('GET', '/auth/login?code=wrong')).status).toBe(401)
    expect(await entriesOf(door)).toMatchObject([{ action: 'signInByLink', target: { kind: 'session', id: 'admin' } }])
  })

  test('is walked by cursor, filtered, and told to those with audit:read only', async ({ door }) => {
    for (const name of ['a1', 'a2', 'a3']) await door.send('PUT', `/api/v2/services/${name}`, { body: {} })
    const first = await door.send('GET', '/api/v2/audit?limit=2&kind=service')
    const page = first.json as { data: { target: { id: string } }[]; page: { next_cursor: string } }
    const rest = await door.send('GET', `/api/v2/audit?limit=2&kind=service&cursor=${page.page.next_cursor}`)
    const all = [...page.data, ...(rest.json as typeof page).data]
    expect(all.map(({ target }) => target.id)).toEqual(['a3', 'a2', 'a1'])
    expect((rest.json as { page: unknown }).page).toMatchObject({ has_more: false, next_cursor: null })
    expect(await entriesOf(door, '?target=a2')).toHaveLength(1)
    expect(await entriesOf(door, '?actor=nobody')).toEqual([])
    expect(await entriesOf(door, '?action=deleteService')).toEqual([])
    expect(await entriesOf(door, '?to=2001-01-01T00:00:00.000Z')).toEqual([])
    expect(await entriesOf(door, '?from=2001-01-01T00:00:00.000Z')).toHaveLength(3)
    expectProblem(await door.send('GET', `/api/v2/audit?cursor=${page.page.next_cursor}`), 400, 'invalid-cursor')
    const key = await door.keyWith(['jobs:read'])
    expectProblem(
      await door.send('GET', '/api/v2/audit', { headers: { authorization: `Bearer ${key}` } }),
      403,
      'insufficient-scope',
    )
  })
})

test('payloads that dead letters are given with another life are not kept', async ({ door }) => {
  const body = { filter: { queue: ['http'] }, data_patch: { card: 'CANARY' } }
  expect((await door.send('POST', '/api/v2/dlq/resubmit', { body })).status).toBe(202)
  const entries = await entriesOf(door)
  expect(entries.length).toBeGreaterThan(0)
  expect(JSON.stringify(entries)).not.toContain('CANARY')
})

test('a time before there was anything is answered like any other', async ({ door }) => {
  await door.send('POST', '/api/v2/api-keys', { body: { name: 'one', role: 'viewer' } })
  const early = encodeURIComponent('1960-01-01T00:00:00.000Z')
  expect(await entriesOf(door, `?from=${early}`)).toHaveLength(1)
  expect(await entriesOf(door, `?to=${early}`)).toEqual([])
})

test('403 whoever sees some queues only sees neither the audit nor the figures of all', async ({ door }) => {
  const headers = { authorization: `Bearer ${await door.keyWith(['audit:read', 'metrics:read'], ['mail-*'])}` }
  expectProblem(await door.send('GET', '/api/v2/audit', { headers }), 403, 'resource-forbidden')
  expectProblem(await door.send('GET', '/metrics', { headers }), 403, 'resource-forbidden')
})
