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
