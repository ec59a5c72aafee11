// Sending once more: one delivery, all that failed since, and what was never sent.
import { createDeliveryStore } from '../../../shared/deliveries/store.ts'
import { tidyDeliveries } from '../../../shared/deliveries/tidy.ts'
import { tellFacts } from '../../support/deliveries.ts'
import { answers, expect, hookId, started, test } from './work.ts'

const from = new Date(0).toISOString()
const params = { webhook_id: hookId }

test('a delivery is sent once more under the same webhook-id', async ({ door, hook, tell, work }) => {
  const [id = ''] = await tell(1)
  await work()
  const show = () => door.client.deliveries.show({ params: { delivery_id: id } })
  await expect.poll(async () => (await show()).status).toBe('succeeded')
  const again = await door.client.deliveries.retry({ params: { delivery_id: id } })
  expect(again).toMatchObject({ id, attempt: 1 })
  await expect.poll(() => hook.heard.length).toBe(2)
  expect(hook.heard.map(({ headers }) => headers['webhook-id'])).toEqual([again.message_id, again.message_id])
  await expect.poll(show).toMatchObject({ status: 'succeeded', attempts: [{ n: 1 }, { n: 2 }] })
})

test('one that waits for its next attempt, or was given up, goes now', async ({ door, hook, tell, work }) => {
  hook.answer = answers(500)
  const [id = ''] = await tell(1)
  await work()
  const show = () => door.client.deliveries.show({ params: { delivery_id: id } })
  await expect.poll(show).toMatchObject({ status: 'failed', attempt: 1 })
  await door.client.deliveries.retry({ params: { delivery_id: id } })
  await expect.poll(show).toMatchObject({ status: 'dead', attempt: 2, next_attempt_at: null })
  hook.answer = answers(200)
  await door.client.deliveries.retry({ params: { delivery_id: id } })
  await expect.poll(show).toMatchObject({ status: 'succeeded', attempt: 3 })
})

test('all that failed since are sent once more by an operation, the others are not', async ({
  door,
  hook,
  tell,
  work,
  run,
}) => {
  const [fine = ''] = await tell(1)
  await work()
  const statusOf = async (id: string) => (await door.client.deliveries.show({ params: { delivery_id: id } })).status
  await expect.poll(() => statusOf(fine)).toBe('succeeded')
  hook.answer = answers(500)
  const [failed = ''] = await tell(1)
  await expect.poll(() => statusOf(failed)).toBe('failed')
  hook.answer = answers(200)
  const operation = started(await door.client.deliveries.replay({ params, body: { from } }))
  await run(operation.id)
  await expect.poll(() => statusOf(failed)).toBe('succeeded')
  expect(await door.client.operations.show({ params: { operation_id: operation.id } })).toMatchObject({
    ...{ kind: 'webhook.replay', status: 'succeeded', progress: { total: 1, done: 1, failed: 0, skipped: 0 } },
  })
  expect(hook.heard).toHaveLength(3)
})

test('what was never sent is sent, each fact once', async ({ door, hook, tell, attempt, run }) => {
  const [first = ''] = await tell(1)
  await attempt()
  const { enabled } = await door.client.webhooks.edit({ params, body: { enabled: false } })
  expect(enabled).toBe(false)
  const missed = await tell(3)
  await door.client.webhooks.edit({ params, body: { enabled: true } })
  const heard = await tell(2)
  const body = { from, missing: true, event_types: ['queue.*'] }
  const operation = started(await door.client.deliveries.replay({ params, body }))
  await run(operation.id)
  await attempt()
  const ids = hook.heard.map(({ headers }) => String(headers['x-k1n-delivery']))
  expect(ids.sort()).toEqual([first, ...missed, ...heard].sort())
  expect(await door.client.operations.show({ params: { operation_id: operation.id } })).toMatchObject({
    progress: { total: 3, done: 3 },
  })
})

test('what was sent and forgotten since is not taken for never sent, and the preview says until when', async ({
  door,
  kernel,
  hook,
  tell,
  attempt,
  run,
}) => {
  await tell(1)
  await attempt()
  const [missed] = await tellFacts(kernel, [{ queue: 'mail' }])
  const store = createDeliveryStore(kernel)
  expect(await tidyDeliveries(kernel, store, new AbortController().signal, 0)).toBe(1)
  const body = { from, missing: true }
  const preview = await door.client.deliveries.replay({ params, body: { ...body, dry_run: true } })
  expect(preview).toMatchObject({ matched: 1, forgotten_until: expect.any(String) as unknown })
  await run(started(await door.client.deliveries.replay({ params, body })).id)
  await attempt()
  expect(hook.heard).toHaveLength(2)
  expect(hook.heard.at(-1)?.body).toContain(`"id":"${missed}"`)
})
