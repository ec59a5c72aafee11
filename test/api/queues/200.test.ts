// Queues that are listed, shown, stopped and started.
import { expect, expectProblem, test } from '../fixtures.ts'

const body = { name: 'http.request', data: { url: 'http://example.com/' } }

test('every queue is listed with what is in it', async ({ door }) => {
  await door.client.jobs.create({ body })
  await door.api.rooms.bull.queue('foreign').add('x', {})
  await door.api.rooms.bull.discover()
  const { data } = await door.client.queues.list()
  expect(data.find((queue) => queue.name === 'http')).toMatchObject({ own: true, counts: { waiting: 1 } })
  expect(data.find((queue) => queue.name === 'foreign')).toMatchObject({ own: false, counts: { waiting: 1 } })
})

test('a queue is paused with a reason and resumed', async ({ door }) => {
  await door.client.jobs.create({ body })
  const paused = await door.client.queues.pause({ params: { queue: 'http' }, body: { reason: 'upstream is down' } })
  expect(paused).toMatchObject({ paused: true, pause: { reason: 'upstream is down', by: 'admin' } })
  expect(await door.client.queues.show({ params: { queue: 'http' } })).toMatchObject({ paused: true })
  expect(await door.client.queues.resume({ params: { queue: 'http' } })).toMatchObject({ paused: false, pause: null })
})

test('404: a queue that does not exist, and one the key may not see', async ({ door }) => {
  expectProblem(await door.send('GET', '/api/v2/queues/nowhere'), 404, 'queue-not-found')
  expectProblem(await door.send('POST', '/api/v2/queues/nowhere/pause'), 404, 'queue-not-found')
  await door.client.jobs.create({ body })
  const key = await door.keyWith(['queues:read'], ['elsewhere'])
  const headers = { authorization: `Bearer ${key}` }
  expectProblem(await door.send('GET', '/api/v2/queues/http', { headers }), 404, 'queue-not-found')
  expect((await door.send('GET', '/api/v2/queues', { headers })).json).toEqual({ data: [] })
})

test('limits are changed only as they were read, also when BullMQ itself changed them; of two at once one is made', async ({
  door,
}) => {
  await door.client.jobs.create({ body })
  const at = '/api/v2/queues/http'
  const shown = await door.send('GET', at)
  const tag = shown.headers.get('etag') ?? ''
  expect(tag).toBe(`"${(shown.json as { config_version: number }).config_version}"`)
  const change = (global_concurrency: number, version = tag) =>
    door.send('PATCH', at, { body: { global_concurrency }, headers: { 'if-match': version } })
  const replies = await Promise.all([change(5), change(6)])
  expect(replies.map(({ status }) => status).sort()).toEqual([200, 412])
  const refused = await change(7)
  expect(expectProblem(refused, 412, 'precondition-failed')['detail']).toContain('Read the queue again')
  const newest = refused.headers.get('etag') ?? ''
  expect((await change(8, newest)).json).toMatchObject({ config: { global_concurrency: 8 } })
  const before = (await door.send('GET', at)).headers.get('etag') ?? ''
  await door.api.rooms.bull.queue('http').setGlobalConcurrency(3)
  expectProblem(await change(9, before), 412, 'precondition-failed')
  expect((await change(9, '*')).json).toMatchObject({ config: { global_concurrency: 9 } })
  expect((await door.send('PATCH', at, { body: { global_concurrency: null } })).status).toBe(200)
})
