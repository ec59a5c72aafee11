// GET /jobs/:task_id/explain: every status its row names, and who may ask. Every cause is staged beside the room.
import { describe, expect, expectProblem, test } from '../fixtures.ts'
import { kill } from '../work.ts'

const body = { name: 'http.request', data: { url: 'http://example.com/' } }

describe('GET /jobs/:task_id/explain', () => {
  test('200: the one reason, with evidence, an estimate and what stands behind it', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    await door.client.queues.pause({ params: { queue: 'http' }, body: { reason: 'maintenance' } })
    const explained = await door.client.explain.show({ params: { task_id: id } })
    expect(explained).toMatchObject({
      task_id: id,
      cause: 'queue_paused',
      is: 'waiting',
      estimate: { sure: 'unknown', at: null },
      remedy: 'Resume the queue.',
    })
    expect(explained.evidence).toContainEqual({
      name: 'pause_reason',
      label: 'Why',
      value: 'maintenance',
      unit: 'text',
    })
    expect(explained.further.map(({ cause }) => cause)).toContain('no_worker')
  })

  test('200: a bare id, and how a job ended', async ({ door }) => {
    await door.client.jobs.create({ body: { ...body, id: 'bare' } })
    await kill(door, 'http')
    const reply = await door.send('GET', '/api/v2/jobs/bare/explain')
    expect(reply).toMatchObject({ status: 200, json: { cause: 'failed', is: 'ended', estimate: null } })
  })

  test('404 task-not-found: no such job, or one of a queue the key may not see', async ({ door }) => {
    expectProblem(await door.send('GET', '/api/v2/jobs/http:nothing/explain'), 404, 'task-not-found')
    const { id } = await door.client.jobs.create({ body })
    const key = await door.keyWith(['jobs:read'], ['elsewhere'])
    const hidden = await door.send('GET', `/api/v2/jobs/${id}/explain`, { headers: { authorization: `Bearer ${key}` } })
    expectProblem(hidden, 404, 'task-not-found')
  })

  test('409 ambiguous-task-id: several queues have the id', async ({ door }) => {
    for (const queue of ['one', 'two']) await door.api.rooms.bull.queue(queue).add('x', {}, { jobId: 't_twin' })
    for (const queue of ['one', 'two']) await door.api.kernel.redis.hset(door.api.rooms.bull.keys(queue).meta, 'x', '1')
    await door.api.rooms.bull.discover()
    expectProblem(await door.send('GET', '/api/v2/jobs/twin/explain'), 409, 'ambiguous-task-id')
  })
})
