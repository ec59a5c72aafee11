// Listening for what there is not: said at once, never answered with silence.
import { expect, expectProblem, test } from '../fixtures.ts'

test.for([
  ['a state there is not', 'state:nope'],
  ['a job whose queue may not be seen', 'state:job:secret:1'],
  ['no topic at all', 'nope'],
])('%s', async ([, topic], { door }) => {
  const key = await door.keyWith(['stream:read', 'jobs:read'], ['mail'])
  for (const path of ['sse', 'events']) {
    const reply = await door.send('GET', `/api/v2/stream/${path}?topics=${topic}`, {
      headers: { authorization: `Bearer ${key}` },
    })
    const document = expectProblem(reply, 400, 'invalid-parameter')
    expect(document['errors']).toMatchObject([{ in: 'query' }])
  }
})

test('a Last-Event-ID that is none of ours', async ({ door }) => {
  const reply = await door.send('GET', '/api/v2/stream/sse?topics=job:*', { headers: { 'last-event-id': 'yesterday' } })
  const document = expectProblem(reply, 400, 'invalid-cursor')
  expect(document['errors']).toMatchObject([{ parameter: 'Last-Event-ID', in: 'header' }])
})

test('a job of another service may have any address', async ({ door }) => {
  const queue = door.api.rooms.bull.queue('my mails/€')
  await queue.add('x', {}, { jobId: 'a@b, c' })
  await door.api.rooms.bull.discover()
  const reply = await door.send(
    'GET',
    `/api/v2/stream/events?topics=${encodeURIComponent('state:job:my mails/€:a@b, c')}`,
  )
  expect(reply.json).toMatchObject({ data: [{ type: 'snapshot', rows: { job: { id: 'my mails/€:a@b, c' } } }] })
})
