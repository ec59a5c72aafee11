// Two thousand strange requests: never a 5xx, never an undocumented answer, never a broken queue.
import { expect, test } from '../api/fixtures.ts'
import { fuzz } from './run.ts'

test('2,000 requests made from the contract itself', async ({ door, logged }) => {
  const statuses = await fuzz(door, logged, 2_000)
  // A run that is refused everywhere, or nowhere, proves nothing.
  for (const status of [200, 201, 400, 404, 422]) expect([status, (statuses[status] ?? 0) > 5]).toEqual([status, true])
}, 120_000)
