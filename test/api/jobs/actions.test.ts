// Actions on all jobs that a filter means, over HTTP: told beforehand, and begun as operations.
import { describe, expect, expectProblem, test } from '../fixtures.ts'
import type { Door } from '../fixtures.ts'

/** Delayed jobs of a queue of another service. */
const fill = async ({ api }: Door): Promise<void> => {
  const jobs = ['a', 'b', 'c'].map((jobId) => ({ name: 'x', data: {}, opts: { jobId, delay: 60_000 } }))
  await api.rooms.bull.queue('letters').addBulk(jobs)
  await api.rooms.bull.discover()
}
const filter = { queue: ['letters'] }

describe('what a filter means', () => {
  test('200 is counted, and nothing is touched', async ({ door }) => {
    await fill(door)
    const body = { filter, dry_run: true }
    expect(await door.client.jobs.cancelAll({ body })).toMatchObject({ matched: 3 })
    expect(await door.client.jobs.promoteAll({ body })).toMatchObject({ matched: 3 })
    expect(await door.client.jobs.skipAll({ body })).toMatchObject({ matched: 3 })
    expect(await door.client.jobs.deleteAll({ body })).toMatchObject({ matched: 3 })
    expect(await door.client.jobs.retryAll({ body })).toMatchObject({ matched: 0 })
    expect(await door.api.rooms.bull.queue('letters').getDelayedCount()).toBe(3)
  })

  test('202 is worked on as an operation', async ({ door }) => {
    await fill(door)
    const reply = await door.send('POST', '/api/v2/jobs/actions/promote', { body: { filter } })
    const { id } = reply.json as { id: string }
    expect(reply.status).toBe(202)
    expect(reply.headers.get('location')).toBe(`/api/v2/operations/${id}`)
    expect(await door.client.operations.list()).toMatchObject({ data: [{ id }] })
  })

  test('422 is said to be wrong where it is', async ({ door }) => {
    const reply = await door.send('POST', '/api/v2/jobs/actions/cancel', { body: { filter: { state: ['nowhere'] } } })
    expectProblem(reply, 422, 'validation-failed')
  })
})
