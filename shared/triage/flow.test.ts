// What came and went within a window: each count in its step and with its queue, of the queues one may see.
import { vi } from 'vitest'
import { countAt } from '../../test/support/counted.ts'
import { expect, test } from '../../test/support/fixtures.ts'
import { minuteOf, queuesKey } from '../metrics/buckets.ts'
import { createSums, wantedOf } from '../metrics/sums.ts'
import { readFlows } from './flow.ts'

test('a day is told in 120 steps and by queue, added up where it lies', async ({ kernel, clock }) => {
  const now = minuteOf(clock.now())
  await countAt(kernel, queuesKey, [0, 11, 12, 1_439, 1_440].map((back) => clock.now() - back * 60_000), {
    'a|failed': 2,
    'a|resubmitted': 1,
    'b|failed': 5,
    'b|discarded': 3,
    'b|completed': 9,
  }) // prettier-ignore
  const sums = createSums(kernel, queuesKey)
  const read = vi.spyOn(kernel.redis, 'pipeline')
  const { steps, queues } = await readFlows(sums, wantedOf({ queues: ['a'] }), clock.now(), 1_440)
  expect(read).not.toHaveBeenCalled()
  read.mockRestore()
  expect(steps).toHaveLength(120)
  expect([steps[0], steps[1], steps[118], steps[119]].map((step) => step?.added)).toEqual([2, 0, 2, 4])
  expect(steps[0]).toEqual({ at: (now - 1_439) * 60_000, added: 2, resubmitted: 1, discarded: 0 })
  expect(Object.fromEntries(queues)).toEqual({ a: { added: 8, resubmitted: 4, discarded: 0 } })
  const all = await readFlows(sums, wantedOf({ queues: ['*'] }, ['b']), clock.now(), 5)
  expect(all.steps.map(({ added, discarded }) => [added, discarded])).toEqual([[0, 0], [0, 0], [0, 0], [0, 0], [5, 3]]) // prettier-ignore
})
