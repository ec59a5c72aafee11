// bull-board: behind the sign-in, read-only, with payloads masked as ours are.
import { expect, expectProblem, test } from '../fixtures.ts'

const body = { name: 'http.request', data: { url: 'http://example.com/secret' } }
const html = { accept: 'text/html' }

test('nobody gets in without signing in, whatever the path', async ({ door }) => {
  const anonymous = { authorization: undefined }
  const page = await door.send('GET', '/admin/queues', { headers: { ...html, ...anonymous } })
  expect([page.status, page.headers.get('location')]).toEqual([302, '/'])
  for (const path of [
    '/admin/queues',
    '/admin/queues/',
    '/admin/queues/api/queues',
    '/admin/queues/static/js/main.js',
    '/admin/queues/queue/http',
  ])
    expect([path, (await door.send('GET', path, { headers: anonymous })).status]).toEqual([path, 401])
  for (const path of [
    '//admin/queues/api/queues',
    '/Admin/queues/api/queues',
    '/admin/queues;/api/queues',
    '/admin/../admin/queues/api/queues',
    '/admin/queues./api/queues',
    '/admin/%71ueues/api/queues',
  ])
    expect([path, [401, 404].includes((await door.send('GET', path, { headers: anonymous })).status)]).toEqual([
      path,
      true,
    ])
  const narrow = await door.keyWith(['jobs:read', 'queues:read'], ['mail'])
  expectProblem(
    await door.send('GET', '/admin/queues', { headers: { authorization: `Bearer ${narrow}` } }),
    403,
    'resource-forbidden',
  )
})

test('shows queues and jobs under a strict policy, without anything from elsewhere', async ({ door }) => {
  const { id } = await door.client.jobs.create({ body })
  const page = await door.send('GET', '/admin/queues', { headers: html })
  expect(page.status).toBe(200)
  expect(page.text).not.toMatch(/https?:\/\/(?!127)/)
  expect(page.text).not.toContain('<%')
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
  const [script = ''] = /static\/js\/main[^"]+\.js/.exec(page.text) ?? []
  expect((await door.send('GET', `/admin/queues/${script}`)).headers.get('content-type')).toContain('javascript')
  const queues = await door.send(
    'GET',
    '/admin/queues/api/queues?activeQueue=http&status=waiting&page=1&jobsPerPage=10',
  )
  expect(queues.status).toBe(200)
  const http = (queues.json as { queues: { name: string; readOnlyMode: boolean; jobs: unknown[] }[] }).queues.find(
    (queue) => queue.name === 'http',
  )
  expect(http).toMatchObject({ readOnlyMode: true })
  expect(queues.text).toContain('example.com/secret')
  expect((await door.send('GET', `/admin/queues/api/queues/http/${id.slice(5)}`)).status).toBe(200)
  expectProblem(await door.send('GET', '/admin/queues/static/..%2f..%2fpackage.json'), 404, 'route-not-found')
})

test('a viewer sees no payload and no log', async ({ door }) => {
  const { id } = await door.client.jobs.create({ body })
  const headers = { authorization: `Bearer ${await door.keyOf('viewer')}` }
  const queues = await door.send(
    'GET',
    '/admin/queues/api/queues?activeQueue=http&status=waiting&page=1&jobsPerPage=10',
    { headers },
  )
  expect(queues.status).toBe(200)
  expect(queues.text).toContain('redacted')
  expect(queues.text).not.toContain('example.com/secret')
  expect((await door.send('GET', `/admin/queues/api/queues/http/${id.slice(5)}`, { headers })).text).not.toContain(
    'example.com/secret',
  )
  expectProblem(
    await door.send('GET', `/admin/queues/api/queues/http/${id.slice(5)}/logs`, { headers }),
    403,
    'insufficient-scope',
  )
})

test('405: nothing can be changed, not even by the admin', async ({ door }) => {
  const { id } = await door.client.jobs.create({ body })
  const job = id.slice(5)
  const attempts: [string, string][] = [
    ['PUT', '/api/queues/http/pause'],
    ['PUT', '/api/queues/http/obliterate'],
    ['PUT', '/api/queues/http/empty'],
    ['POST', '/api/queues/http/add'],
    ['PUT', `/api/queues/http/${job}/clean`],
    ['PATCH', `/api/queues/http/${job}/update-data`],
    ['PUT', '/api/queues/pause'],
  ]
  for (const [method, path] of attempts)
    expectProblem(await door.send(method, `/admin/queues${path}`, { body: {} }), 405, 'method-not-allowed')
  expect(await door.client.jobs.show({ params: { task_id: id } })).toMatchObject({ state: 'waiting', data: body.data })
})
