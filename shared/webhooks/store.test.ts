// Records of webhooks, their versions, and what a process knows of them.
import { describe, expect, test } from '../../test/support/fixtures.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { EndpointChanged } from './events.ts'
import { createWebhookStore } from './store.ts'
import type { Told, WebhookStore } from './store.ts'
import { createWebhookView } from './view.ts'
import { WebhookSettings } from './words.ts'
import type { WebhookDraft } from './words.ts'

const draft = (id: string, more: Partial<WebhookDraft> = {}): WebhookDraft => ({
  id,
  settings: WebhookSettings.parse({ url: `https://${id}.example/`, event_types: ['job.*'] }),
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
  ...more,
})
const told = (id: string): Told => ({
  kind: EndpointChanged,
  data: { webhook_id: id, subscriber: null, change: 'created', actor: 'Ada' },
})
const add = (store: WebhookStore, id: string) => store.save(id, 0, draft(id), told(id))

describe('a record', () => {
  test('is written once by those who read the same version, and told with its new one', async ({ kernel }) => {
    const store = createWebhookStore(kernel)
    expect(await add(store, 'a')).toBe(1)
    expect(await add(store, 'a')).toBe('changed')
    const edit = () => store.save('a', 1, draft('a', { enabled: false }), told('a'))
    expect((await Promise.all([edit(), edit()])).sort()).toEqual([2, 'changed'])
    expect(await store.find('a')).toMatchObject({ enabled: false, version: 2 })
    const entries = await kernel.redis.xrange(kernel.key('events'), '-', '+')
    expect(entries.map(([, fields]) => JSON.parse(fields[1] ?? '') as object)).toMatchObject([
      { webhook_id: 'a', version: 1 },
      { version: 2 },
    ])
  })

  test('that is removed and made again never has an old version', async ({ kernel }) => {
    const store = createWebhookStore(kernel)
    await add(store, 'a')
    await store.save('a', 1, undefined, told('a'))
    expect(await store.find('a')).toBeUndefined()
    expect(await add(store, 'a')).toBe(3)
  })

  test('of another version of k1n is read as far as this one can, and missed aloud beyond', async ({
    kernel,
    logged,
  }) => {
    const store = createWebhookStore(kernel)
    const record = draft('new')
    const newer = { ...record, moon: 1, settings: { ...record.settings, moon: 1 } }
    await kernel.redis.hset(kernel.key('webhooks', 'records'), {
      new: `7 ${JSON.stringify(newer)}`,
      odd: '8 {',
    })
    expect(await store.records()).toEqual(new Map([['new', { ...record, version: 7 }]]))
    expect(await store.find('odd')).toBeUndefined()
    expect(logged).toMatchObject([{ level: 'warn', kind: 'webhook', id: 'odd', version: 8 }])
  })

  test('beyond ten thousand is not kept', async ({ kernel }) => {
    const store = createWebhookStore(kernel)
    const filler = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`w${n}`, '1 {}']))
    await kernel.redis.hset(kernel.key('webhooks', 'records'), filler)
    expect(await add(store, 'a')).toBe('full')
  })
})

describe('changes since a revision', () => {
  test('are those records only, and everything when that is too long ago or from another time', async ({ kernel }) => {
    const store = createWebhookStore(kernel)
    for (const id of ['a', 'b', 'c']) await add(store, id)
    await store.save('a', 1, undefined, told('a'))
    const since = await store.changesSince(2)
    expect(since).toMatchObject({ revision: 4, whole: false })
    expect([...since.records.keys()]).toEqual(['c', 'a'])
    expect(since.records.get('a')).toBeUndefined()
    expect((await store.changesSince(4)).records.size).toBe(0)
    expect(await store.changesSince(9)).toMatchObject({ whole: true, revision: 4 })
    await kernel.redis.zremrangebyrank(kernel.key('webhooks', 'recent'), 0, 0)
    expect(await store.changesSince(1)).toMatchObject({ whole: true })
    expect((await store.changesSince(undefined)).records.size).toBe(2)
  })
})

describe('a view', () => {
  const viewOf = (kernel: Kernel) => createWebhookView(kernel, createWebhookStore(kernel))

  test('knows what was so when it was asked to be fresh', async ({ kernel }) => {
    const store = createWebhookStore(kernel)
    const view = viewOf(kernel)
    await add(store, 'a')
    await view.fresh()
    expect([...view.all().keys()]).toEqual(['a'])
    const early = view.fresh()
    await add(store, 'b')
    await Promise.all([early, view.fresh(), view.fresh()])
    expect(view.all().get('b')).toMatchObject({ version: 2 })
    await store.save('a', 1, undefined, told('a'))
    await view.fresh()
    expect([...view.all().keys()]).toEqual(['b'])
  })

  test('hears of a change by itself once it is started', async ({ kernel }) => {
    const store = createWebhookStore(kernel)
    const view = viewOf(kernel)
    await view.start()
    await add(store, 'a')
    await expect.poll(() => view.all().size).toBe(1)
    await view.stop()
  })

  test('finds within seconds what it was not told, as pushes of an outage are lost', async ({ kernel, clock }) => {
    const store = createWebhookStore(kernel)
    const view = viewOf(kernel)
    await view.start()
    await add(store, 'a')
    await expect.poll(() => view.all().size).toBe(1)
    const records = kernel.key('webhooks', 'records')
    await kernel.redis.multi().hdel(records, 'a').set(kernel.key('webhooks', 'revision'), 2).zadd(kernel.key('webhooks', 'recent'), 2, 'a').exec() // prettier-ignore
    await clock.advance(3_000)
    await expect.poll(() => view.all().size).toBe(0)
    await view.stop()
  })
})
