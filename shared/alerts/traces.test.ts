// What a rule measured is kept minute by minute, whoever measures.
import { expect, test } from '../../test/support/fixtures.ts'
import { createTracing, readTraces } from './traces.ts'

test('the most that was measured in a minute stays, also when another process looks between two looks of one', async ({
  kernel,
}) => {
  const shop = { kind: 'queue' as const, id: 'shop', label: 'shop', queue: 'shop' }
  const [one, other] = [createTracing(kernel), createTracing(kernel)]
  const measures = (value: number) => new Map([['failure_rate_high' as const, [{ subject: shop, value, samples: 9 }]]])
  await one(measures(0.1))
  await other(measures(1))
  await one(measures(0.3))
  const now = kernel.clock.now()
  const traces = await readTraces(kernel, 'failure_rate_high', { from: now, to: now })
  expect([...traces.values()]).toEqual([[[shop, 1]]])
})
