// Jobs whose state does not allow it.
import { describe, expect, expectProblem, test } from '../fixtures.ts'
import { complete, take } from '../work.ts'

const body = { name: 'http.request', data: { url: 'http://example.com/' } }

describe('conflicts', () => {
  test('an id of your own that is taken', async ({ door }) => {
    await door.client.jobs.create({ body: { ...body, id: 'one' } })
    expectProblem(await door.send('POST', '/api/v2/jobs', { body: { ...body, id: 'one' } }), 409, 'already-exists')
  })

  test('promoting what is not delayed, cancelling what has ended, retrying what runs', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    expectProblem(await door.send('POST', `/api/v2/jobs/${id}/promote`), 409, 'job-not-in-state')
    await take(door, 'http')
    expect((await door.send('POST', `/api/v2/jobs/${id}/retry`)).status).toBe(409)
    const { id: other } = await door.client.jobs.create({ body })
    await complete(door, 'http', null)
    expectProblem(await door.send('POST', `/api/v2/jobs/${other}/cancel`), 409, 'job-not-in-state')
  })

  test('a bare id in several queues lists the candidates, and ?queue= settles it', async ({ door }) => {
    await door.client.jobs.create({ body: { ...body, id: 'twin' } })
    await door.api.rooms.bull.queue('other').add('x', {}, { jobId: 't_twin' })
    await door.api.rooms.bull.discover()
    const document = expectProblem(await door.send('GET', '/api/v2/jobs/twin'), 409, 'ambiguous-task-id')
    expect([...(document['candidates'] as string[])].sort()).toEqual(['http:t_twin', 'other:t_twin'])
    expect(await door.client.jobs.show({ params: { task_id: 'twin' }, query: { queue: 'other' } })).toMatchObject({
      id: 'other:t_twin',
    })
  })

  test('a request whose first one is still running', async ({ door, kernel, prefix }) => {
    const send = () => door.send('POST', '/api/v2/jobs', { body, headers: { 'idempotency-key': 'slow' } })
    await send()
    const [record = ''] = await kernel.redis.keys(`{${prefix}}:idem:*`)
    const fingerprint = (await kernel.redis.get(record))?.slice(1, 44) ?? ''
    await kernel.redis.set(record, `r${fingerprint}`)
    const reply = await send()
    expectProblem(reply, 409, 'idempotency-in-progress')
    expect(reply.headers.get('retry-after')).toBe('1')
  })

  test('a refusal is replayed too', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    const send = () => door.send('POST', `/api/v2/jobs/${id}/promote`, { headers: { 'idempotency-key': 'again' } })
    const first = await send()
    const second = await send()
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect(second.text).toBe(first.text)
    expect(second.headers.get('content-type')).toBe('application/problem+json')
  })
})
