// Names that other services choose: a queue and its jobs can be opened and steered, whatever they are called.
import { expect, test } from '../fixtures.ts'

const E = encodeURIComponent

test.for([
  '{emails}',
  'constructor',
  '__proto__',
  'orders/eu?x#y',
  '<img src=x onerror=alert(1)>',
  'ünïcode 🎧',
  'a*b[c]',
  'per%2Fcent',
  'x'.repeat(200),
])('the queue %s', async (queue, { door, kernel }) => {
  const { bull } = door.api.rooms
  const ids = ['invoice/2024/1', 'a@b.c', 'a b{c}?d=1&e#f', '100%', 'é🎧', '..']
  for (const jobId of ids) await bull.queue(queue).add('constructor', {}, { jobId, delay: 60_000 })
  await bull.discover()
  const listed = await door.client.queues.list()
  expect(listed.data.find(({ name }) => name === queue)).toMatchObject({ counts: { delayed: ids.length }, slots: 0 })
  expect((await door.send('GET', `/api/v2/queues/${E(queue)}`)).json).toMatchObject({ name: queue })
  const jobs = await door.client.jobs.list({ query: { queue: [queue], state: ['delayed'] } })
  expect(jobs.data.map(({ id }) => id).sort()).toEqual(ids.map((id) => `${queue}:${id}`).sort())
  for (const { id, links } of jobs.data) {
    expect((await door.send('GET', links['self'] ?? '')).json).toMatchObject({ id, state: 'delayed' })
    expect((await door.send('GET', links['attempts'] ?? '')).status).toBe(200)
    expect((await door.send('GET', `/api/v2/error-recovery/retry/${E(id)}`)).json).toMatchObject({ task_id: id })
    expect((await door.send('POST', `/api/v2/jobs/${E(id)}/promote`)).status).toBe(200)
  }
  // As another service's worker would leave them.
  for (const jobId of ids) {
    await kernel.redis.zadd(bull.keys(queue).failed, 1_700_000_000_000, jobId)
    await kernel.redis.lrem(bull.keys(queue).wait, 0, jobId)
  }
  const dead = await door.client.dlq.list({ query: { queue: [queue] } })
  expect(dead.data).toHaveLength(ids.length)
  for (const { id, task_id } of dead.data) {
    const entry = `/api/v2/error-recovery/dlq/entries/${E(id)}`
    expect((await door.send('GET', entry)).json).toMatchObject({ id, task_id, queue })
    expect((await door.send('POST', `/api/v2/error-recovery/dlq/${E(id)}/resubmit`)).status).toBe(202)
  }
})
