// Jobs that are not there, or not for this caller.
import { describe, expect, expectProblem, test } from '../fixtures.ts'

const body = { name: 'http.request', data: { url: 'http://example.com/' } }

describe('no such job', () => {
  test.for(['', '/attempts', '/logs', '/result'])('GET /jobs/x%s', async (path, { door }) => {
    expectProblem(await door.send('GET', `/api/v2/jobs/http:nothing${path}`), 404, 'task-not-found')
    expectProblem(await door.send('GET', `/api/v2/jobs/nothing${path}`), 404, 'task-not-found')
  })

  test.for(['cancel', 'promote', 'retry'])('POST /jobs/x/%s', async (verb, { door }) => {
    expectProblem(await door.send('POST', `/api/v2/jobs/http:nothing/${verb}`), 404, 'task-not-found')
  })

  test.for([
    'meta',
    'id',
    'events',
    'wait',
    'marker',
    'failed',
    'http:meta',
    'http:wait',
    'http:events:1',
    '__proto__',
    'constructor',
  ])('the reserved name %s is no job', async (id, { door }) => {
    await door.client.jobs.create({ body })
    expectProblem(await door.send('GET', `/api/v2/jobs/${id}`), 404, 'task-not-found')
  })

  test('a job of a queue the key may not see looks exactly like none', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body: { ...body, id: 'hidden' } })
    const key = await door.keyWith(['jobs:read', 'jobs:manage'], ['elsewhere'])
    const headers = { authorization: `Bearer ${key}` }
    const [there, absent] = [
      await door.send('GET', `/api/v2/jobs/${id}`, { headers }),
      await door.send('GET', '/api/v2/jobs/http:t_absent', { headers }),
    ]
    expectProblem(there, 404, 'task-not-found')
    const shape = ({ json }: typeof there): unknown => ({
      ...(json as object),
      detail: (json as { detail: string }).detail.replaceAll(/http:\S+/g, 'X'),
      request_id: '',
      instance: '',
    })
    expect(shape(there)).toEqual(shape(absent))
    expectProblem(await door.send('POST', `/api/v2/jobs/${id}/cancel`, { headers }), 404, 'task-not-found')
  })
})
