// Old deliveries: the bounds hold for those that have ended, whatever those that are still open do.
import { describe, expect, test } from '../../test/support/deliveries.ts'
import type { DeliveryStore } from './store.ts'
import { KEPT_MS, tidyDeliveries } from './tidy.ts'

const keys = (count: number, name: string) => Array.from({ length: count }, (_, n) => `${name}${n}`)

/** Makes deliveries of facts of one moment, each a little later than the one before. */
const open = (store: DeliveryStore, names: readonly string[], webhookId = 'wh_a') =>
  store.open(names.map((key, n) => ({ key, webhookId, eventId: `1000-${n}`, eventType: 'queue.drained', order: '' })))

const end = (store: DeliveryStore, names: readonly string[], webhookId = 'wh_a') =>
  Promise.all(names.map((key) => store.attempted({ key, webhookId, status: 'succeeded' })))

const alive = new AbortController().signal

describe('deliveries that have ended', () => {
  test('go by age and by number although hundreds of older ones are still tried again', async ({
    kernel,
    store,
    clock,
  }) => {
    await open(store, keys(150, 'failing'), 'wh_dead')
    await open(store, keys(3, 'old'))
    await end(store, keys(3, 'old'))
    await clock.advance(KEPT_MS + 1)
    await open(store, keys(5, 'new'))
    await end(store, keys(5, 'new'))
    expect(await tidyDeliveries(kernel, store, alive, 2)).toBe(6)
    expect(await store.areKnown([...keys(3, 'old'), ...keys(3, 'new')])).toEqual(Array(6).fill(false))
    expect(await store.areKnown(['new3', 'new4', 'failing0', 'failing149'])).toEqual(Array(4).fill(true))
  })

  test('stay for as long as they are being sent once more', async ({ kernel, store, clock }) => {
    await open(store, ['one'])
    await end(store, ['one'])
    await store.reopen(['one'])
    await clock.advance(KEPT_MS + 1)
    expect(await tidyDeliveries(kernel, store, alive)).toBe(0)
    await end(store, ['one'])
    expect(await tidyDeliveries(kernel, store, alive)).toBe(1)
  })
})
