// What changed, over the wire: from the rooms that know it, as far as a key may see it.
import { expect, expectProblem, test } from '../fixtures.ts'

test('what was changed, noted and paused is told with who did it and why', async ({ door }) => {
  const { client } = door
  const body = { name: 'Nightly', job_name: 'http.request', data: { url: 'http://example.com/' }, trigger: { type: 'interval', every_ms: 3_600_000 } } as const // prettier-ignore
  await client.schedules.put({ params: { schedule_id: 'nightly' }, body })
  await client.schedules.pause({ params: { schedule_id: 'nightly' }, body: { reason: 'holidays' } })
  await client.timeline.annotate({ body: { text: 'deployed 1.2' } })
  const found = await client.changes.list({})
  expect(found.schedules?.data).toMatchObject([{ schedule_id: 'nightly', change: 'paused', reason: 'holidays' }])
  expect(found.settings?.data).toMatchObject([{ action: 'putSchedule', target: { kind: 'schedule', id: 'nightly' } }])
  expect(found.notes?.data).toMatchObject([{ text: 'deployed 1.2' }])
  expect(found.left_out).toEqual([])
})

test('a key of some queues is told of these, and a time that is none is refused', async ({ door }) => {
  const authorization = `Bearer ${await door.keyWith(['jobs:read', 'audit:read', 'alerts:read'], ['mail'])}`
  const reply = await door.send('GET', '/api/v2/changes', { headers: { authorization } })
  expect(reply.status).toBe(200)
  expect(reply.json).toMatchObject({ settings: null, alerts: { total: 0 } })
  for (const query of ['since=yesterday', 'since=2999-01-01T00:00:00Z&until=2998-01-01T00:00:00Z', 'limit=201'])
    expectProblem(await door.send('GET', `/api/v2/changes?${query}`), 400, 'invalid-parameter')
})
