// Worker processes over HTTP: what they are and do, and steering them.
import { expect, expectProblem, test } from '../fixtures.ts'
import type { Door } from '../fixtures.ts'

const ID = 'w_host-1-abc'

const beat = ({ api, url: _url }: Door, at = Date.now()): Promise<void> =>
  api.rooms.registry.beat({
    ...{ id: ID, host: 'host', pid: 1, version: '7', slots: { mail: 5, other: 2 }, running: 1 },
    ...{ started_at: at, last_seen_at: at, last_fetch_at: at, rss_bytes: 1_000, event_loop_lag_ms: 3 },
    active: [{ queue: 'mail', id: 't_1', name: 'mail.send', started_at: at }],
  })

test('200 a worker is listed and shown with what it runs', async ({ door }) => {
  await beat(door)
  const shown = await door.client.workers.show({ params: { worker_id: ID } })
  expect(shown).toMatchObject({
    ...{ id: ID, state: 'running', host: 'host', version: '7', concurrency: 7, running: 1, event_loop_lag_ms: 3 },
    active: [{ task_id: 'mail:t_1', queue: 'mail', name: 'mail.send' }],
  })
  expect(await door.client.workers.list()).toEqual({ data: [shown] })
})

test('202 a worker is paused, resumed and shut down by operations', async ({ door }) => {
  await beat(door)
  const params = { worker_id: ID }
  expect(await door.client.workers.pause({ params })).toMatchObject({ kind: 'worker.pause' })
  expect(await door.client.workers.resume({ params })).toMatchObject({ kind: 'worker.resume' })
  expect(await door.client.workers.shutdown({ params, body: { timeout_ms: 1_000 } })).toMatchObject({
    kind: 'worker.shutdown',
  })
})

test('404 worker-not-found: one that never was, and one that works on nothing the key may see', async ({ door }) => {
  expectProblem(await door.send('GET', `/api/v2/workers/${ID}`), 404, 'worker-not-found')
  expectProblem(await door.send('POST', `/api/v2/workers/${ID}/pause`), 404, 'worker-not-found')
  await beat(door)
  const key = await door.keyWith(['workers:read'], ['elsewhere'])
  const headers = { authorization: `Bearer ${key}` }
  expectProblem(await door.send('GET', `/api/v2/workers/${ID}`, { headers }), 404, 'worker-not-found')
})

test('409 worker-ended: nothing can be asked of one that has ended', async ({ door }) => {
  await beat(door)
  await door.api.rooms.registry.ended(ID, { exit: 'SIGKILL', by_itself: false, at: Date.now() })
  expectProblem(await door.send('POST', `/api/v2/workers/${ID}/pause`), 409, 'worker-ended')
})
