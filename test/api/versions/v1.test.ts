// Version 1 over HTTP: the same rooms and the same rules, told in its own words.
import { describe, expect, test } from '../fixtures.ts'
import type { Door, Reply } from '../fixtures.ts'
import { kill } from '../work.ts'

const body = { name: 'http.request', data: { url: 'http://example.com/' } }

const expectFailure = (reply: Reply, status: number, code: string): Record<string, unknown> => {
  expect({ status: reply.status, body: reply.json as unknown }).toMatchObject({
    status,
    body: { success: false, error: { code, message: expect.any(String) as string, details: { status } } },
  })
  expect(reply.headers.get('content-type')).toBe('application/json; charset=utf-8')
  return (reply.json as { error: { details: Record<string, unknown> } }).error.details
}

const makeJobs = (door: Door, count: number): Promise<unknown> =>
  door.client.jobs.createMany({
    body: { jobs: Array.from({ length: count }, (_, i) => ({ ...body, id: `n-${i}` })) },
  })

describe('one thing', () => {
  test('is made, shown, found again by Location, and its payload is its own', async ({ door }) => {
    const made = await door.send('POST', '/api/v1/jobs', {
      body: { ...body, taskId: 'a', options: { delay: 60_000, attempts: 4 } },
    })
    expect(made).toMatchObject({
      status: 201,
      json: {
        success: true,
        data: { taskId: 'http:t_a', state: 'delayed', delay: 60_000, maxAttempts: 4, data: body.data },
        meta: {},
      },
    })
    expect(made.headers.get('x-api-version')).toBe('1')
    const shown = await door.send('GET', made.headers.get('location') ?? '')
    expect(shown).toMatchObject({ status: 200, json: { data: { taskId: 'http:t_a' } } })
    const { createdAt } = (shown.json as { data: { createdAt: number } }).data
    expect(Math.abs(Date.now() - createdAt)).toBeLessThan(60_000)
    expect(await door.client.jobs.show({ params: { task_id: 'http:t_a' } })).toMatchObject({ state: 'delayed' })
  })

  test('is retried, and lives on as version 2 tells it', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    await kill(door, 'http')
    const dead = await door.send('GET', '/api/v1/dlq')
    const [entry] = (dead.json as { data: { dlqId: string; taskId: string; error: object }[] }).data
    expect(entry).toMatchObject({ taskId: id, error: { message: 'the mailbox is gone' } })
    const again = await door.send('POST', `/api/v1/dlq/${encodeURIComponent(entry?.dlqId ?? '')}/retry`)
    expect(again).toMatchObject({ status: 202, json: { success: true, data: { taskId: id, state: 'waiting' } } })
    await kill(door, 'http')
    const retried = await door.send('POST', `/api/v1/jobs/${encodeURIComponent(id)}/retry`)
    expect(retried).toMatchObject({ status: 202, json: { data: { taskId: id, state: 'waiting' } } })
    expect(retried.headers.get('location')).toBe(`/api/v1/jobs/${encodeURIComponent(id)}`)
  })

  test('with nothing to say comes in the envelope all the same', async ({ door }) => {
    const schedule = {
      scheduleId: 'nightly',
      name: 'Nightly',
      jobName: 'http.request',
      data: body.data,
      trigger: { type: 'interval', every: 60_000 },
    }
    const made = await door.send('POST', '/api/v1/schedules', { body: schedule })
    expect(made).toMatchObject({
      status: 201,
      json: { data: { scheduleId: 'nightly', trigger: { type: 'interval', every: 60_000 }, enabled: true } },
    })
    expect(made.headers.get('location')).toBe('/api/v1/schedules/nightly')
    const gone = await door.send('DELETE', '/api/v1/schedules/nightly')
    expect(gone).toMatchObject({ status: 200, json: { success: true, data: null, meta: {} } })
    expectFailure(await door.send('GET', '/api/v1/schedules/nightly'), 404, 'schedule-not-found')
  })

  test('is asked for by the header, by Accept and by the type of the body too', async ({ door }) => {
    const vendor = 'application/vnd.k1n.v1+json'
    const byHeader = await door.send('GET', '/api/queues', { headers: { 'x-api-version': '1' } })
    expect(byHeader.json).toMatchObject({ success: true })
    const byAccept = await door.send('GET', '/api/queues', { headers: { accept: vendor } })
    expect(byAccept.json).toMatchObject({ success: true })
    expect(byAccept.headers.get('content-type')).toBe(vendor)
    const byBody = await door.send('POST', '/api/jobs', { body, headers: { 'content-type': vendor } })
    expect(byBody).toMatchObject({ status: 201, json: { success: true } })
  })
})

test('what has a word of version 2 for its id is not what version 2 has under that word', async ({ door }) => {
  for (const path of ['/api/v1/webhooks/event-types', '/api/v1/circuit-breakers/timeline'])
    expectFailure(await door.send('GET', path), 404, 'route-not-found')
  expect((await door.send('HEAD', '/api/v1/webhooks/event-types')).status).toBe(404)
})

describe('a list', () => {
  test('is walked page by page, each row once, to its end', async ({ door }) => {
    await makeJobs(door, 45)
    const seen: string[] = []
    for (let page = 1, pages = 1; page <= pages; page++) {
      const { json } = (await door.send('GET', `/api/v1/jobs?page=${page}&limit=10&state=waiting`)) as {
        json: { data: { taskId: string }[]; meta: { pages: number } }
      }
      seen.push(...json.data.map(({ taskId }) => taskId))
      pages = json.meta.pages
    }
    expect(seen).toHaveLength(45)
    expect(new Set(seen).size).toBe(45)
  })

  test('tells its length once its end was seen', async ({ door }) => {
    await makeJobs(door, 5)
    expect((await door.send('GET', '/api/v1/jobs?limit=2')).json).toMatchObject({
      meta: { page: 1, limit: 2, total: 3, pages: 2, totalIsEstimate: true },
    })
    expect((await door.send('GET', '/api/v1/jobs?limit=2&page=3')).json).toMatchObject({
      data: [{}],
      meta: { page: 3, limit: 2, total: 5, pages: 3, totalIsEstimate: false },
    })
    expect((await door.send('GET', '/api/v1/queues?limit=1')).json).toMatchObject({
      data: [{ name: expect.any(String) as string }],
      meta: { page: 1, limit: 1, totalIsEstimate: false },
    })
  })

  test.for(['page=0', 'limit=101', 'page=101&limit=100', 'state=parked', 'cursor=x', 'state=failed&state=active'])(
    '400: ?%s',
    async (query, { door }) => {
      expectFailure(await door.send('GET', `/api/v1/jobs?${query}`), 400, 'invalid-parameter')
    },
  )
})

describe('a failure', () => {
  test('is a member under its name of version 2, beside its own or alone: nothing is chosen silently', async ({
    door,
  }) => {
    const reply = await door.send('POST', '/api/v1/jobs', {
      body: { ...body, taskId: 'a', id: 'b', options: { delay_ms: 1, delay: 2, attempts: 1 } },
    })
    const { errors } = expectFailure(reply, 422, 'validation-failed') as { errors: { pointer: string }[] }
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual(['#/options/delay', '#/taskId'])
    const alone = await door.send('POST', '/api/v1/jobs', { body: { ...body, id: 'b' } })
    expect(expectFailure(alone, 422, 'validation-failed')['errors']).toMatchObject([{ pointer: '#/taskId' }])
  })

  test('is told by the names the request used', async ({ door }) => {
    const reply = await door.send('POST', '/api/v1/jobs', { body: { ...body, taskId: '', options: { delay: -1 } } })
    const { errors } = expectFailure(reply, 422, 'validation-failed') as { errors: { pointer: string }[] }
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual(['#/options/delay', '#/taskId'])
  })

  test('without a credential, with a lacking scope, of a route or method there is not', async ({ door }) => {
    const nobody = await door.send('GET', '/api/v1/jobs', { headers: { authorization: undefined } })
    expectFailure(nobody, 401, 'unauthenticated')
    const odd = await door.send('GET', '/api/v1/jobs?page=0', { headers: { authorization: undefined } })
    expectFailure(odd, 401, 'unauthenticated')
    expect(nobody.headers.get('www-authenticate')).toBe('Bearer realm="k1n"')
    const authorization = `Bearer ${await door.keyOf('viewer')}`
    expectFailure(
      await door.send('POST', '/api/v1/jobs', { body, headers: { authorization } }),
      403,
      'insufficient-scope',
    )
    expectFailure(await door.send('GET', '/api/v1/operations'), 404, 'route-not-found')
    const put = await door.send('PUT', '/api/v1/jobs', { body: {} })
    expectFailure(put, 405, 'method-not-allowed')
    expect(put.headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST')
    const options = await door.send('OPTIONS', '/api/v1/jobs/x/retry')
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'OPTIONS, POST'])
  })

  test('of ours tells nothing but its request id', async ({ door, logged }) => {
    door.api.rooms.queues.list = () => Promise.reject(new Error('secret WRONGTYPE'))
    const reply = await door.send('GET', '/api/v1/queues')
    const { requestId } = expectFailure(reply, 500, 'internal')
    expect(reply.text).not.toMatch(/secret|WRONGTYPE/)
    expect(logged.some((line) => line['request_id'] === requestId)).toBe(true)
  })
})

test('HEAD answers what GET would, without it', async ({ door }) => {
  const head = await door.send('HEAD', '/api/v1/queues')
  expect([head.status, head.text, head.headers.get('x-api-version')]).toEqual([200, '', '1'])
})

test('an Idempotency-Key does a thing once, and answers it and its refusals again in the same words', async ({
  door,
}) => {
  const headers = { 'idempotency-key': 'once' }
  const first = await door.send('POST', '/api/v1/jobs', { body, headers })
  // What is kept of the first reply may still be on its way to Redis.
  const settled = (path: string, given?: object) =>
    expect
      .poll(async () =>
        (await door.send('POST', path, { ...(given ? { body: given } : {}), headers })).headers.get(
          'idempotency-replayed',
        ),
      )
      .toBe('true')
  await settled('/api/v1/jobs', body)
  const again = await door.send('POST', '/api/v1/jobs', { body, headers })
  expect(again).toMatchObject({ status: 201, text: first.text })
  expect(again.headers.get('idempotency-replayed')).toBe('true')
  const { taskId } = (first.json as { data: { taskId: string } }).data
  const retry = `/api/v1/jobs/${encodeURIComponent(taskId)}/retry`
  const refused = await door.send('POST', retry, { headers })
  expectFailure(refused, 409, 'job-not-in-state')
  await settled(retry)
  const refusedAgain = await door.send('POST', retry, { headers })
  expectFailure(refusedAgain, 409, 'job-not-in-state')
  expect(refusedAgain.headers.get('idempotency-replayed')).toBe('true')
})

test('an Idempotency-Key of a reply too large to be kept is answered again without it, but for a job, which is told again', async ({
  door,
}) => {
  const large = {
    ...body,
    data: { ...body.data, method: 'POST', body: 'x'.repeat(65_500) },
    options: { delay: 60_000 },
  }
  const send = (path: string, given?: object) =>
    door.send('POST', path, { ...(given ? { body: given } : {}), headers: { 'idempotency-key': 'large' } })
  const made = await send('/api/v1/jobs', large)
  const { data } = made.json as { data: { taskId: string } }
  expect(await send('/api/v1/jobs', large)).toMatchObject({ status: 201, text: made.text })
  const retry = `/api/v1/jobs/${encodeURIComponent(data.taskId)}/retry`
  expect(await send(retry)).toMatchObject({ status: 202, json: { data: { taskId: data.taskId } } })
  await expect.poll(async () => (await send(retry)).headers.get('idempotency-replayed')).toBe('true')
  expect(await send(retry)).toMatchObject({ status: 202, json: { success: true, data: null, meta: {} } })
})
