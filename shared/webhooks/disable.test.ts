// An endpoint that answers no more is disabled once, and never against somebody's will.
import { expect, test } from '../../test/support/fixtures.ts'
import { createEventLog } from '../stream/log.ts'
import { changed } from './decide.ts'
import { disableEndpoint } from './disable.ts'
import { createWebhookStore } from './store.ts'
import { WebhookSettings } from './words.ts'
import type { WebhookDraft } from './words.ts'

const draft: WebhookDraft = {
  id: 'wh_1',
  settings: WebhookSettings.parse({ url: 'https://a.example/', event_types: ['*'], subscriber: 'acme' }),
  queues: ['*'],
  outside: true,
  enabled: true,
  disabled: null,
  secrets: [],
  sealedHeaders: null,
  headerNames: [],
  createdAt: 1,
  updatedAt: 1,
  by: 'Ada',
}

test('all who see it fail disable it once, which is told once', async ({ kernel }) => {
  const store = createWebhookStore(kernel)
  await store.save('wh_1', 0, draft, changed(draft, 'created', 'Ada'))
  const seen = { id: 'wh_1', version: 1 }
  const done = await Promise.all([1, 2, 3].map(() => disableEndpoint(kernel, store, seen, 'gone')))
  expect(done.filter(Boolean)).toHaveLength(1)
  expect(await store.find('wh_1')).toMatchObject({
    enabled: false,
    disabled: { reason: 'gone', at: kernel.clock.now() },
  })
  const facts = await createEventLog(kernel).readAfter('0-0', 10)
  expect(facts.slice(1).map(({ name, data }) => [name, JSON.parse(data) as object])).toEqual([
    ['webhook.endpoint_disabled', { webhook_id: 'wh_1', subscriber: 'acme', reason: 'gone', actor: null, version: 2 }],
  ])
})

test('what was changed since it was seen failing stays as it is, and so does what is gone', async ({ kernel }) => {
  const store = createWebhookStore(kernel)
  await store.save('wh_1', 0, draft, changed(draft, 'created', 'Ada'))
  await store.save('wh_1', 1, draft, changed(draft, 'edited', 'Ada'))
  expect(await disableEndpoint(kernel, store, { id: 'wh_1', version: 1 }, 'failing')).toBe(false)
  expect(await disableEndpoint(kernel, store, { id: 'wh_2', version: 1 }, 'failing')).toBe(false)
  expect(await store.find('wh_1')).toMatchObject({ enabled: true, version: 2 })
})
