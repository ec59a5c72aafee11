// operation.run makes a worker go on with an operation, as an ordinary job of ours.
import { layMany } from '../../test/support/dead-letters.ts'
import { expect, test, testCatalog } from '../../test/support/rooms.ts'
import { catalogOf } from '../../shared/catalog/catalog.ts'
import { operationRun as kind } from '../../shared/catalog/operation-run.ts'
import { BulkResubmitRequest } from '../../shared/dlq/contract.ts'
import { operationKinds } from '../../shared/operation-kinds.ts'
import { createRunner } from '../../shared/operations/operations.ts'
import type { RunEnd } from '../../shared/operations/operations.ts'
import { createTestKit } from '../../shared/testing/testing.ts'
import { operationRun } from './operation-run.ts'

const catalog = catalogOf(kind)

test('operation.run runs what was asked for, through the queue', async ({ kernel, bull, dlq, operations, me }) => {
  await layMany({ kernel, bull }, 'mail', 20, 1_700_000_000_000)
  const request = BulkResubmitRequest.parse({ filter: { queue: ['mail'] }, ladder: null })
  const { id } = await dlq.resubmitMany(me, request)
  const runner = createRunner(kernel, operationKinds(kernel, bull, testCatalog))
  const kit = createTestKit(kernel, { catalog, handlers: { 'operation.run': operationRun(runner) }, bull })
  expect(await kit.drain()).toMatchObject([
    { state: 'completed', queue: 'k1n-operations', result: { operation_id: id, ended: true } },
  ])
  expect(await operations.show(me, id)).toMatchObject({ status: 'succeeded', progress: { done: 20 } })
  await kit.close()
})

test('operation.run comes again when its operation had only a turn, and ends when another has it', async ({
  kernel,
  bull,
}) => {
  const ends: RunEnd[] = ['goes_on', 'goes_on', 'nothing']
  const run = async (): Promise<RunEnd> => ends.shift() ?? 'ended'
  const kit = createTestKit(kernel, { catalog, handlers: { 'operation.run': operationRun({ run }) }, bull })
  await kit.perform('operation.run', { operation_id: `op_${'a'.repeat(32)}` })
  const ran = await kit.drain()
  expect(ran.map(({ state, attemptsMade }) => [state, attemptsMade])).toEqual([
    ['delayed', 0],
    ['completed', 1],
  ])
  await kit.close()
})
