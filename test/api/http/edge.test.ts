// What every request meets first: versions, methods, addresses, and the headers every reply carries.
import { describe, expect, expectProblem, test } from '../fixtures.ts'

const anonymous = { authorization: undefined }

describe('addresses', () => {
  test.for([
    '/api/v2/nothing',
    '/api/nothing',
    '/api/v2/jobs/',
    '/API/v2/jobs',
    '/api/V2/jobs',
    '/api//v2/jobs',
    '/api/v2/jobs/a/b/c',
    '/livez/',
    '/wp-login.php',
  ])('404: %s', async (path, { door }) => {
    const reply = await door.send('GET', path)
    expectProblem(reply, 404, 'route-not-found')
  })

  test('404: a version that does not exist', async ({ door }) => {
    expect(expectProblem(await door.send('GET', '/api/v9/jobs'), 404, 'unsupported-api-version')).toMatchObject({
      supported_versions: [1, 2],
      requested: 9,
      source: 'path',
    })
  })

  test('400, 406, 415: versions asked for in other ways', async ({ door }) => {
    expectProblem(
      await door.send('GET', '/api/jobs', { headers: { 'x-api-version': '9' } }),
      400,
      'unsupported-api-version',
    )
    expectProblem(
      await door.send('GET', '/api/jobs', { headers: { 'x-api-version': 'two' } }),
      400,
      'invalid-api-version',
    )
    expectProblem(
      await door.send('GET', '/api/jobs', { headers: { accept: 'application/xml' } }),
      406,
      'not-acceptable',
    )
    expectProblem(await door.send('GET', '/api/jobs', { headers: { accept: 'text/html' } }), 406, 'not-acceptable')
    expectProblem(
      await door.send('POST', '/api/jobs', { raw: '{}', headers: { 'content-type': 'application/vnd.k1n.v9+json' } }),
      415,
      'unsupported-media-type',
    )
  })

  test('the version without a path, a header or both', async ({ door }) => {
    for (const headers of [{}, { 'x-api-version': '2' }, { accept: 'application/vnd.k1n.v2+json' }]) {
      const reply = await door.send('GET', '/api/queues', { headers })
      expect(reply.status).toBe(200)
      expect(reply.headers.get('x-api-version')).toBe('2')
      expect(reply.headers.get('vary')).toContain('X-API-Version')
    }
  })

  test('414: an address of more than 8 KiB', async ({ door }) => {
    expectProblem(await door.send('GET', `/api/v2/jobs?q=${'x'.repeat(8_200)}`), 414, 'uri-too-long')
  })

  test('431: headers of more than 16 KiB', async ({ door }) => {
    expectProblem(
      await door.send('GET', '/api/v2/jobs', { headers: { 'x-much': 'x'.repeat(17_000) } }),
      431,
      'headers-too-large',
    )
  })
})

describe('methods', () => {
  test('405 lists what is allowed, 501 is for methods nothing takes', async ({ door }) => {
    const put = await door.send('PUT', '/api/v2/jobs', { body: {} })
    expectProblem(put, 405, 'method-not-allowed')
    expect(put.headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST')
    expectProblem(await door.send('DELETE', '/livez'), 405, 'method-not-allowed')
    expectProblem(await door.send('PROPFIND', '/api/v2/jobs'), 501, 'method-not-implemented')
  })

  test('a method in a header changes nothing', async ({ door }) => {
    const reply = await door.send('POST', '/api/v2/jobs', {
      body: { name: '' },
      headers: { 'x-http-method-override': 'GET' },
    })
    expectProblem(reply, 422, 'validation-failed')
  })
})

describe('headers', () => {
  test.for<[string, string]>([
    ['GET', '/api/v2/queues'],
    ['GET', '/api/v2/nothing'],
    ['POST', '/api/v2/jobs'],
    ['GET', '/livez'],
    ['GET', '/'],
  ])('%s %s is named, versioned, timed and guarded', async ([method, path], { door }) => {
    const { headers } = await door.send(method, path)
    expect(headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/)
    expect(headers.get('x-api-version')).toBe('2')
    expect(headers.get('server-timing')).toMatch(/^app;dur=\d+\.\d$/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('k1n-durability')).not.toBeNull()
    expect(headers.get('access-control-allow-origin')).toBeNull()
    expect(headers.get('x-powered-by')).toBeNull()
    expect(headers.get('server')).toBeNull()
  })

  test('a request id and a trace of yours are kept, odd ones are not', async ({ door }) => {
    const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const kept = await door.send('GET', '/api/v2/nothing', {
      headers: { 'x-request-id': 'mine-1', traceparent: trace },
    })
    expect(kept.json).toMatchObject({
      request_id: 'mine-1',
      instance: '/requests/mine-1',
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    })
    const odd = await door.send('GET', '/api/v2/nothing', {
      headers: { 'x-request-id': '<script>', traceparent: 'zz' },
    })
    expect(odd.headers.get('x-request-id')).toMatch(/^req_/)
    expect(odd.json).not.toHaveProperty('trace_id')
  })

  test('401 says how to sign in, without a credential and with a wrong one', async ({ door }) => {
    const none = await door.send('GET', '/api/v2/jobs', { headers: anonymous })
    expectProblem(none, 401, 'unauthenticated')
    expect(none.headers.get('www-authenticate')).toBe('Bearer realm="k1n"')
    for (const authorization of ['Basic YTpi', 'Bearer', 'Bearer x', `Bearer ${'k'.repeat(5_000)}`])
      expectProblem(await door.send('GET', '/api/v2/jobs', { headers: { authorization } }), 401, 'invalid-token')
  })
})

test('500 tells nothing but its request id; the log has the cause', async ({ door, logged }) => {
  door.api.rooms.queues.list = () => Promise.reject(new Error('secret /etc/passwd WRONGTYPE at node_modules'))
  const reply = await door.send('GET', '/api/v2/queues')
  const document = expectProblem(reply, 500, 'internal')
  expect(reply.text).not.toMatch(/secret|passwd|WRONGTYPE|node_modules/)
  expect(logged.find((line) => line['request_id'] === document['request_id'])).toMatchObject({
    level: 'error',
    error: { message: expect.stringContaining('secret') as string },
  })
})

test('a reply that does not fit its row never leaves; what the row does not know is cut out', async ({ door }) => {
  const { metrics } = door.api.rooms
  const whole = metrics.overview.bind(metrics)
  metrics.overview = async (principal) => ({ ...(await whole(principal)), password: 'hunter2' })
  const reply = await door.send('GET', '/api/v2/stats/overview')
  expect(reply.status).toBe(200)
  expect(reply.text).not.toContain('hunter2')
  door.api.rooms.queues.list = () => Promise.resolve([{ name: 'x' } as never])
  expectProblem(await door.send('GET', '/api/v2/queues'), 500, 'internal')
})

test('a process that will stop still serves, is not ready, and asks clients for another connection', async ({
  door,
}) => {
  expect((await door.send('GET', '/api/v2/queues')).headers.get('connection')).toBe('keep-alive')
  door.api.rooms.system.stopping()
  const reply = await door.send('GET', '/api/v2/queues')
  expect([reply.status, reply.headers.get('connection')]).toEqual([200, 'close'])
  expect((await door.send('GET', '/readyz')).status).toBe(503)
})
