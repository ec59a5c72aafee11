// Skipping, cloning, changing and deleting one job, and acting on all that match.
import type { Job } from '../../../shared/jobs/contract.ts'
import { describe, expect, expectProblem, test } from '../fixtures.ts'
import type { Reply } from '../fixtures.ts'
import { complete, take } from '../work.ts'

const body = { name: 'http.request', data: { url: 'http://example.com/' }, tags: ['nightly'] }
const later = { ...body, options: { delay_ms: 60_000 } }

const shown = ({ json }: Reply): Job => json as Job

describe('a job', () => {
  test('is skipped, stays known, and can be found among the skipped', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    const reply = await door.send('POST', `/api/v2/jobs/${id}/skip`, { body: { reason: 'paid by hand' } })
    expect(reply).toMatchObject({ status: 200, json: { state: 'skipped', data: body.data } })
    expect(shown(reply).why).toMatch(/^Was skipped by .*: paid by hand$/)
    expect((await door.client.jobs.list({ query: { state: 'skipped' } })).data).toMatchObject([
      { id, state: 'skipped' },
    ])
    expect(await door.send('GET', `/api/v2/jobs/${id}/explain`)).toMatchObject({
      status: 200,
      json: { cause: 'skipped' },
    })
    expectProblem(await door.send('POST', `/api/v2/jobs/${id}/skip`), 409, 'job-not-in-state')
    expectProblem(await door.send('POST', `/api/v2/jobs/${id}/retry`), 409, 'job-not-in-state')
  })

  test('that runs cannot be skipped or deleted', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    await take(door, 'http')
    expectProblem(await door.send('POST', `/api/v2/jobs/${id}/skip`), 409, 'job-locked')
    expectProblem(await door.send('DELETE', `/api/v2/jobs/${id}`), 409, 'job-locked')
  })

  test('of a scheduler is left to its schedule', async ({ door }) => {
    const job = await door.api.rooms.bull
      .queue('theirs')
      .upsertJobScheduler('s', { pattern: '0 0 1 1 *' }, { name: 'tick' })
    const id = encodeURIComponent(`theirs:${job?.id ?? ''}`)
    expectProblem(await door.send('POST', `/api/v2/jobs/${id}/skip`), 409, 'scheduler-owned-job')
    expectProblem(await door.send('PATCH', `/api/v2/jobs/${id}`, { body: { delay_ms: 5 } }), 409, 'scheduler-owned-job')
  })

  test('is cloned with its payload and tags, once under one key', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    await complete(door, 'http', null)
    const send = () =>
      door.send('POST', `/api/v2/jobs/${id}/clone`, { body: { priority: 'high' }, headers: { 'idempotency-key': 'c' } })
    const reply = await send()
    expect(reply).toMatchObject({
      status: 201,
      json: { state: 'prioritized', data: body.data, tags: ['nightly'], priority: 10 },
    })
    expect(shown(reply).id).not.toBe(id)
    expect(shown(await send()).id).toBe(shown(reply).id)
    expectProblem(await door.send('POST', '/api/v2/jobs/nobody/clone'), 404, 'task-not-found')
  })

  test('is given another priority and time', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body: later })
    const path = `/api/v2/jobs/${id}`
    const reply = await door.send('PATCH', path, { body: { priority: 'low', delay_ms: 120_000 } })
    expect(reply).toMatchObject({ status: 200, json: { state: 'delayed', priority: 1000, delay_ms: 120_000 } })
    expect(await door.send('PATCH', path, { body: { delay_ms: 0 } })).toMatchObject({ json: { state: 'prioritized' } })
    expectProblem(await door.send('PATCH', path, { body: { delay_ms: 5 } }), 409, 'job-not-in-state')
    expectProblem(await door.send('PATCH', path, { body: {} }), 422, 'validation-failed')
  })

  test('is deleted and then known no more', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    expect((await door.send('DELETE', `/api/v2/jobs/${id}`)).status).toBe(204)
    expectProblem(await door.send('GET', `/api/v2/jobs/${id}`), 404, 'task-not-found')
  })
})

describe('an action on all that match', () => {
  test('tells beforehand what it is about, and goes on as an operation', async ({ door }) => {
    await door.client.jobs.create({ body: later })
    const path = '/api/v2/jobs/actions/promote'
    const filter = { tag: ['nightly'] }
    expect(await door.send('POST', path, { body: { filter, dry_run: true } })).toMatchObject({
      status: 200,
      json: { matched: 1, complete: true, sample: [{ state: 'delayed' }] },
    })
    const reply = await door.send('POST', path, { body: { filter } })
    expect(reply).toMatchObject({ status: 202, json: { kind: 'jobs.promote', status: 'queued' } })
    expect(reply.headers.get('location')).toBe(`/api/v2/operations/${shown(reply).id}`)
  })

  test('needs more to delete, and a filter that means something', async ({ door }) => {
    const operator = { authorization: `Bearer ${await door.keyOf('operator')}` }
    const filter = { queue: ['http'] }
    const remove = await door.send('POST', '/api/v2/jobs/actions/delete', { body: { filter }, headers: operator })
    expect(expectProblem(remove, 403, 'insufficient-scope')).toMatchObject({ needed: 'queues:admin' })
    const all = await door.send('POST', '/api/v2/jobs/actions/skip', { body: { filter: {} } })
    expect(expectProblem(all, 422, 'validation-failed')).toMatchObject({ errors: [{ pointer: '#/filter' }] })
  })
})

test('a clone has a life of its own: it need not have started by when the other had to', async ({ door }) => {
  const body = { name: 'http.request', data: { url: 'http://example.com/' }, options: { ttl_ms: 60_000 } }
  const { id, expires_at } = await door.client.jobs.create({ body })
  expect(expires_at).not.toBeNull()
  const clone = await door.send('POST', `/api/v2/jobs/${id}/clone`, { body: {} })
  expect(clone.json).toMatchObject({ expires_at: null })
})
