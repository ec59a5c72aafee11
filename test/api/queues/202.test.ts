// Long work on whole queues over HTTP: begun as operations, and refused where it must not be.
import { describe, expect, expectProblem, test } from '../fixtures.ts'
import type { Door } from '../fixtures.ts'

/** A queue of another service with some jobs. */
const fill = async ({ api }: Door, queue = 'letters'): Promise<void> => {
  await api.rooms.bull.queue(queue).addBulk(['a', 'b', 'c'].map((jobId) => ({ name: 'x', data: {}, opts: { jobId } })))
  await api.rooms.bull.discover()
}

describe('202', () => {
  test('long work begins as an operation', async ({ door }) => {
    await fill(door)
    const params = { queue: 'letters' }
    const begun = [
      await door.client.queues.drain({ params }),
      await door.client.queues.clean({ params, body: { state: 'waiting' } }),
      await door.client.queues.retryAll({ params }),
      await door.client.queues.promoteAll({ params }),
      await door.client.queues.obliterate({ params, body: { confirm: 'letters' } }),
    ]
    const kinds = ['queue.drain', 'queue.clean', 'dlq.resubmit', 'queue.promote', 'queue.obliterate']
    expect(begun.map(({ kind }) => kind)).toEqual(kinds)
    for (const { finished_at } of begun) expect(finished_at).toBeNull()
  })

  test('where it goes on is told', async ({ door }) => {
    await fill(door)
    const reply = await door.send('POST', '/api/v2/queues/letters/drain')
    const { id } = reply.json as { id: string }
    expect(reply.status).toBe(202)
    expect(reply.headers.get('location')).toBe(`/api/v2/operations/${id}`)
  })
})

test('200 a queue is held to what was said, and no longer when that is taken back', async ({ door }) => {
  await fill(door)
  const change = async (body: object) => (await door.send('PATCH', '/api/v2/queues/letters', { body })).json as object
  const limits = { global_concurrency: 3, rate_limit: { max: 10, duration_ms: 1_000 } }
  expect(await change(limits)).toMatchObject({ config: limits })
  expect(await change({ global_concurrency: null, rate_limit: null })).toMatchObject({
    config: { global_concurrency: null, rate_limit: null },
  })
})

describe('409', () => {
  test('queue-reserved: what k1n itself works with is not emptied', async ({ door }) => {
    const body = { confirm: 'k1n-webhooks' }
    expectProblem(await door.send('POST', '/api/v2/queues/k1n-webhooks/obliterate', { body }), 409, 'queue-reserved')
    expectProblem(await door.send('POST', '/api/v2/queues/k1n-webhooks/drain'), 409, 'queue-reserved')
  })

  test('queue-busy: jobs that run keep a queue from being done away with', async ({ door, kernel }) => {
    await fill(door)
    const { active } = door.api.rooms.bull.keys('letters')
    await kernel.redis.lpush(active, 'running')
    const ask = (body: object) => door.send('POST', '/api/v2/queues/letters/obliterate', { body })
    expectProblem(await ask({ confirm: 'letters' }), 409, 'queue-busy')
    expect((await ask({ confirm: 'letters', force: true })).status).toBe(202)
  })
})

describe('where queues of others are only observed', () => {
  test.override({ settings: { K1N_ATTACH: 'observe' } })
  test('409 queue-observed: they are left as they are', async ({ door }) => {
    await fill(door)
    expectProblem(await door.send('POST', '/api/v2/queues/letters/drain'), 409, 'queue-observed')
  })
})

test('422 a queue is done away with only by its name', async ({ door }) => {
  await fill(door)
  const reply = await door.send('POST', '/api/v2/queues/letters/obliterate', { body: { confirm: 'letter' } })
  expectProblem(reply, 422, 'validation-failed')
  expect(reply.json).toMatchObject({ errors: [{ pointer: '#/confirm' }] })
})
