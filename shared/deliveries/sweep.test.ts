// Deliveries that wait for a worker behind one that could not be sent.
import { describe, expect, register, tellFacts, test } from '../../test/support/deliveries.ts'
import { webhookDeliver } from '../catalog/webhook-deliver.ts'
import { deliveryKey, jobId } from './id.ts'
import { createLines } from './lines.ts'
import { createSweep } from './sweep.ts'
import type { Lined } from './sweep.ts'

const { queue } = webhookDeliver

const lined = (key: string, now: number): Lined => ({
  ...{ key, webhookId: 'wh_slow', cause: 'concurrency', lookAt: now + 1_000 },
})

describe('of an endpoint of which many cannot be sent', () => {
  test('all that wait near the front go into its line, and nobody else does', async ({
    kernel,
    bull,
    store,
    fanOut,
    clock,
  }) => {
    for (const id of ['wh_slow', 'wh_fast']) await register(kernel, id, 'http://127.0.0.1:1/')
    const events = await tellFacts(
      kernel,
      Array.from({ length: 20 }, (_, n) => ({ queue: `q${n}` })),
    )
    await fanOut.catchUp()
    const [slow, fast] = ['wh_slow', 'wh_fast'].map((id) => events.map((event) => deliveryKey(event, id)))
    const sweep = createSweep(kernel, { bull, store })
    const [first = '', second = '', third = ''] = slow ?? []
    expect(sweep(lined(first, clock.now()))).toBeUndefined()
    expect(sweep(lined(second, clock.now()))).toBeUndefined()
    await sweep(lined(third, clock.now()))

    const stateOf = (keys: readonly string[]) => bull.stateOf(keys.map((key) => ({ queue, id: jobId(key) })))
    expect(new Set(await stateOf(slow ?? []))).toEqual(new Set(['delayed']))
    expect(new Set(await stateOf(fast ?? []))).toEqual(new Set(['waiting']))
    // They come in their order when the endpoint answers.
    expect(await store.pull('wh_slow', 99)).toEqual(slow)
    await createLines(kernel, { bull, store, room: () => ({ all: 9, failing: 9 }) }).wake(
      (slow ?? []).map((key) => ({ key, webhookId: 'wh_slow' })),
    )
    expect(new Set(await stateOf(slow ?? []))).toEqual(new Set(['waiting']))
  })

  test('those that wait for their next attempt go on waiting for it', async ({
    kernel,
    bull,
    store,
    fanOut,
    clock,
  }) => {
    await register(kernel, 'wh_slow', 'http://127.0.0.1:1/')
    const events = await tellFacts(
      kernel,
      Array.from({ length: 4 }, (_, n) => ({ queue: `q${n}` })),
    )
    await fanOut.catchUp()
    const [first = '', ...others] = events.map((event) => deliveryKey(event, 'wh_slow'))
    await bull.putOff(queue, [jobId(first)], { until: clock.now() + 5_000, mark: {}, within: 9 })
    const sweep = createSweep(kernel, { bull, store })
    for (let n = 0; n < 3; n++) await sweep(lined('other', clock.now()))
    expect((await store.pull('wh_slow', 99)).sort()).toEqual(others.sort())
  })
})
