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

test('what is no trace is passed over, and written over by the next look', async ({ kernel }) => {
  const now = kernel.clock.now()
  const key = kernel.key('alerts', 'seen', Math.floor(now / 3_600_000))
  await kernel.redis.hset(key, `oldest_waiting|${Math.floor(now / 60_000)}`, '{"not')
  const read = async () => [...(await readTraces(kernel, 'oldest_waiting', { from: now, to: now })).values()]
  expect(await read()).toEqual([])
  const shop = { kind: 'queue' as const, id: 'shop', label: 'shop', queue: 'shop' }
  await createTracing(kernel)(new Map([['oldest_waiting' as const, [{ subject: shop, value: 7, samples: 9 }]]]))
  expect(await read()).toEqual([[[shop, 7]]])
})
