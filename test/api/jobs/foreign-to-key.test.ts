// What a key for some queues sees of jobs that BullMQ does not have any more.
import { expect, test } from '../fixtures.ts'

test('jobs of other queues that were cancelled or skipped before they ran are not met', async ({ door }) => {
  const body = { name: 'http.request', data: { url: 'http://example.com/' }, options: { delay_ms: 600_000 } }
  const [one, other] = [await door.client.jobs.create({ body }), await door.client.jobs.create({ body })]
  await door.client.jobs.cancel({ params: { task_id: one.id } })
  await door.client.jobs.skip({ params: { task_id: other.id } })
  const where = { field: 'state', op: 'in', value: ['cancelled', 'skipped'] }
  const filter = { state: ['cancelled'] }
  const met = async (queues: string[]): Promise<number[]> => {
    const headers = { authorization: `Bearer ${await door.keyWith(['jobs:read', 'jobs:manage'], queues)}` }
    const listed = await door.send('GET', '/api/v2/jobs?state=cancelled', { headers })
    const found = await door.send('POST', '/api/v2/jobs/search', { headers, body: { where } })
    const meant = await door.send('POST', '/api/v2/jobs/actions/retry', { headers, body: { filter, dry_run: true } })
    return [
      (listed.json as { data: unknown[] }).data.length,
      (found.json as { data: unknown[] }).data.length,
      (meant.json as { matched: number }).matched,
    ]
  }
  expect(await met(['mail-*'])).toEqual([0, 0, 0])
  expect((await met(['http'])).slice(0, 2)).toEqual([1, 2])
})
