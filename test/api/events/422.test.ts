// Events that cannot be sent, and those that are not there.
import { describe, expect, expectProblem, test } from '../fixtures.ts'

const path = '/api/v2/events'

describe('422', () => {
  test.for(['job.failed', 'webhook.received', 'error_recovery.x', 'scheduler.x', 'k1n'])(
    'reserved-event-name: %s',
    async (event, { door }) => {
      const problem = expectProblem(await door.send('POST', path, { body: { event } }), 422, 'reserved-event-name')
      expect(problem['errors']).toMatchObject([{ pointer: '#/event', code: 'reserved' }])
    },
  )

  test('validation-failed: names, ids and data that are none', async ({ door }) => {
    for (const body of [
      { event: 'Order' },
      { event: 'order.*' },
      { event: 'a.b.c.d.e.f.g' },
      { event: 'order', id: 'evt_1' },
      { event: 'order', id: '1795343641000-0' },
      { event: 'order', id: 'a@b' },
      { event: 'order', data: [] },
      { event: 'order', subject: '' },
      { event: 'order', occurred_at: '2126-01-01T00:00:00.000Z' },
      { event: 'order', more: 1 },
    ])
      expectProblem(await door.send('POST', path, { body }), 422, 'validation-failed')
  })

  test('one that is not valid refuses all of them before any is told', async ({ door }) => {
    const events = [{ event: 'a.b' }, { event: 'a.c', data: { text: 'x'.repeat(262_144) } }]
    const large = expectProblem(await door.send('POST', `${path}/bulk`, { body: { events } }), 422, 'validation-failed')
    expect(large['errors']).toMatchObject([{ pointer: '#/events/1/data', code: 'too_big' }])
    const own = { events: [{ event: 'a.b' }, { event: 'job.failed' }] }
    const problem = expectProblem(await door.send('POST', `${path}/bulk`, { body: own }), 422, 'reserved-event-name')
    expect(problem['errors']).toMatchObject([{ pointer: '#/events/1/event' }])
    const many = { events: Array.from({ length: 501 }, () => ({ event: 'a.b' })) }
    expectProblem(await door.send('POST', `${path}/bulk`, { body: many }), 422, 'validation-failed')
    expect((await door.client.events.list({ query: { type: ['a.*'] } })).data).toEqual([])
  })

  test('too-many-hops: what goes in a circle ends', async ({ door }) => {
    const send = (hop: string) => door.send('POST', path, { body: { event: 'a.b' }, headers: { 'x-k1n-hop': hop } })
    expect((await send('5')).status).toBe(202)
    expectProblem(await send('6'), 422, 'too-many-hops')
    expectProblem(await send('many'), 400, 'invalid-header')
  })
})

test('413: an event that is too large', async ({ door }) => {
  const body = { event: 'a.b', data: { text: 'x'.repeat(262_144) } }
  expectProblem(await door.send('POST', path, { body }), 413, 'body-too-large')
})

test('409: an id that belongs to another event', async ({ door }) => {
  await door.send('POST', path, { body: { event: 'a.b', id: 'one' } })
  expectProblem(await door.send('POST', path, { body: { event: 'a.c', id: 'one' } }), 409, 'event-id-reused')
})

test('404: an event nobody sent, and a position where nothing is', async ({ door }) => {
  for (const id of ['nobody', '1795343641000-0', '1795343641000-0.003'])
    expectProblem(await door.send('GET', `${path}/${id}`), 404, 'event-not-found')
})

test('400: what is no pattern, and cursors of other lists', async ({ door }) => {
  expectProblem(await door.send('GET', `${path}?type=Order`), 400, 'invalid-parameter')
  await door.send('POST', path, { body: { event: 'a.b' } })
  await door.send('POST', path, { body: { event: 'a.b' } })
  const cursor = (await door.client.events.list({ query: { limit: 1 } })).page.next_cursor ?? ''
  expectProblem(await door.send('GET', `${path}?type=a.b&cursor=${cursor}`), 400, 'invalid-cursor')
})
