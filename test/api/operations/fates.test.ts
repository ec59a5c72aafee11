// How items fare that something was done to, as the API tells it.
import { expect, expectProblem, test } from '../fixtures.ts'
import { bury, complete, kill, runOperation } from '../work.ts'

test('200: those that died again, with the jobs they are, those that came through and those that wait', async ({
  door,
}) => {
  const ids = await bury(door, 3)
  const asked = await door.client.dlq.resubmitMany({ body: { filter: { queue: ['http'] }, ladder: null } })
  if (!('id' in asked)) throw new Error('it was a dry run')
  await runOperation(door, asked.id)
  await complete(door, 'http', { status: 200 })
  await kill(door, 'http')
  const params = { operation_id: asked.id }
  const { operation_id, fates } = await door.client.operations.fates({ params })
  expect(operation_id).toBe(asked.id)
  expect(fates).toMatchObject({ looked: 3, of: 3, came_through: 1, failed_again: 1, failed_otherwise: 0, pending: 1 })
  const [badly] = fates?.badly ?? []
  expect(badly).toMatchObject({ fate: 'failed_again' })
  expect(ids).toContain(badly?.task_id)
  expect(await door.client.jobs.show({ params: { task_id: badly?.task_id ?? '' } })).toMatchObject({ state: 'failed' })
  expect(await door.client.operations.show({ params })).toMatchObject({
    links: { fates: `/api/v2/operations/${asked.id}/fates` },
  })
})

test('200: null of what is no life of its own', async ({ door }) => {
  await bury(door, 1)
  const asked = await door.client.dlq.purge({ body: { filter: { queue: ['http'] } } })
  if (!('id' in asked)) throw new Error('it was a dry run')
  await runOperation(door, asked.id)
  expect((await door.client.operations.fates({ params: { operation_id: asked.id } })).fates).toBeNull()
})

test('404 and 410: operation-not-found, operation-expired', async ({ door }) => {
  const path = (id: string): string => `/api/v2/operations/${id}/fates`
  expectProblem(await door.send('GET', path(`op_${'z'.repeat(32)}`)), 404, 'operation-not-found')
  expectProblem(await door.send('GET', path(`op_${'0'.repeat(12)}7${'a'.repeat(19)}`)), 410, 'operation-expired')
})
