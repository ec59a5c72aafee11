// Jobs that are refused because their queue has as many as it may.
import { expect, expectProblem, test } from '../fixtures.ts'

const job = { name: 'http.request', data: { url: 'http://example.com/' } }

test('a full queue takes no job of any route, says so of each, and takes them again', async ({ door }) => {
  const change = (depth_limit: number | null) => door.client.queues.change({ params: { queue: 'http' }, body: { depth_limit } }) // prettier-ignore
  const first = await door.client.jobs.create({ body: { ...job, id: 'first' } })
  expect((await change(2)).config.depth_limit).toBe(2)
  const bulk = await door.send('POST', '/api/v2/jobs/bulk', { body: { jobs: [job, job, job] } })
  expect(bulk.status).toBe(201)
  expect(bulk.json).toMatchObject({
    results: [{ status: 201 }, { status: 429, problem: { code: 'queue-full', retry_after_s: 60 } }, { status: 429 }],
    summary: { succeeded: 1, failed: 2 },
  })
  const refused = await door.send('POST', '/api/v2/jobs', { body: job })
  expectProblem(refused, 429, 'queue-full')
  expect(refused.headers.get('retry-after')).toBe('60')
  expect(refused.json).toMatchObject({ queue: 'http', waiting: 2, depth_limit: 2 })
  expectProblem(await door.send('POST', `/api/v2/jobs/${encodeURIComponent(first.id)}/clone`, { body: {} }), 429, 'queue-full') // prettier-ignore
  // An id that is taken is told as such, and a body that is not valid too.
  expectProblem(await door.send('POST', '/api/v2/jobs', { body: { ...job, id: 'first' } }), 409, 'already-exists')
  await change(null)
  expect((await door.send('POST', '/api/v2/jobs', { body: job })).status).toBe(201)
})

test('the setting holds for every queue that says nothing', async ({ door, kernel }) => {
  expect(kernel.settings.K1N_QUEUE_DEPTH).toBe(1_000_000)
  expect((await door.client.queues.show({ params: { queue: 'http' } })).config.depth_limit).toBeNull()
})
