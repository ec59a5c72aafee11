// Requests about jobs that cannot be read.
import { describe, expect, expectProblem, test } from '../fixtures.ts'

describe('what cannot be read', () => {
  test.for<[string, string, string]>([
    ['/api/v2/jobs?limit=0', 'limit', 'too_small'],
    ['/api/v2/jobs?limit=1e9', 'limit', 'too_big'],
    ['/api/v2/jobs?limit=abc', 'limit', 'invalid_type'],
    ['/api/v2/jobs?colour=red', 'colour', 'unrecognized_keys'],
    ['/api/v2/jobs?state=dreaming', 'state', 'invalid_value'],
    ['/api/v2/jobs?limit=1&limit=2', 'limit', 'invalid_type'],
    ['/api/v2/jobs?created_at[gte]=yesterday', 'created_at[gte]', 'invalid_format'],
    ['/api/v2/jobs?__proto__=1', '__proto__', 'unrecognized_keys'],
    ['/api/v2/jobs/a%00b', 'task_id', 'invalid_format'],
    ['/api/v2/jobs/a%0Ab', 'task_id', 'invalid_format'],
    ['/api/v2/jobs/%E0%A4%A', 'task_id', 'invalid_format'],
    ['/api/v2/jobs/x/logs?from=-1', 'from', 'too_small'],
    ['/api/v2/queues?x=1', 'x', 'unrecognized_keys'],
  ])('GET %s names %s', async ([path, parameter, code], { door }) => {
    const document = expectProblem(await door.send('GET', path), 400, 'invalid-parameter')
    expect(document['errors']).toEqual(expect.arrayContaining([expect.objectContaining({ parameter, code })]))
  })

  test('too many parameters', async ({ door }) => {
    const query = Array.from({ length: 51 }, (_, i) => `p${i}=1`).join('&')
    expectProblem(await door.send('GET', `/api/v2/jobs?${query}`), 400, 'invalid-parameter')
  })

  test('a cursor that was changed or belongs to other filters', async ({ door }) => {
    for (let i = 0; i < 3; i++)
      await door.client.jobs.create({ body: { name: 'http.request', data: { url: 'http://example.com/' } } })
    const { page } = await door.client.jobs.list({ query: { state: ['waiting'], limit: 1 } })
    const cursor = page.next_cursor ?? ''
    expect(cursor).not.toBe('')
    expectProblem(await door.send('GET', `/api/v2/jobs?state=waiting&limit=1&cursor=x${cursor}`), 400, 'invalid-cursor')
    expectProblem(await door.send('GET', `/api/v2/jobs?state=failed&limit=1&cursor=${cursor}`), 400, 'invalid-cursor')
  })

  test.for(['', 'a b', 'é', 'x'.repeat(256), '"', 'a,b'])('the Idempotency-Key %j', async (key, { door }) => {
    const body = { name: 'http.request', data: { url: 'http://example.com/' } }
    const reply = await door.send('POST', '/api/v2/jobs', {
      body,
      headers: { 'idempotency-key': Buffer.from(key).toString('latin1') },
    })
    expectProblem(reply, 400, 'invalid-idempotency-key')
  })

  test('two ways of sending a key', async ({ door }) => {
    expectProblem(
      await door.send('GET', '/api/v2/me', { headers: { 'x-api-key': door.adminKey } }),
      400,
      'invalid-header',
    )
  })
})
