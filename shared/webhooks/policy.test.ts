// Who is sent what: by name, by data, by queue, and never what is not theirs to know.
import { describe, expect, test } from 'vitest'
import { wants as wantsTold } from './policy.ts'
import type { ToldFact } from './policy.ts'
import { WebhookSettings } from './words.ts'
import type { WebhookDraft } from './words.ts'

type Given = Partial<Pick<WebhookDraft, 'enabled' | 'queues' | 'outside'>> & Partial<WebhookDraft['settings']>

const wants = (
  to: ReturnType<typeof endpoint>,
  told: Omit<ToldFact, 'sent'> & { sent?: { source: string | null } },
): boolean => wantsTold(to, { sent: undefined, ...told })
const endpoint = ({ enabled = true, queues = ['*'], outside = true, ...settings }: Given = {}) => ({
  id: 'wh_1',
  enabled,
  queues,
  outside,
  settings: WebhookSettings.parse({ url: 'https://a.example/', event_types: ['*'], ...settings }),
})
const failed = { name: 'job.failed', data: { queue: 'mail', name: 'mail.send', attempts: 3 } }
const disabled = (webhook: string, subscriber: string | null = null) => ({
  name: 'webhook.endpoint_disabled',
  data: { webhook_id: webhook, subscriber },
})

describe('an endpoint is sent', () => {
  test('what it asked for by name, as long as it is enabled', () => {
    expect(wants(endpoint({ event_types: ['dlq.*', 'job.failed'] }), failed)).toBe(true)
    expect(wants(endpoint({ event_types: ['job.completed'] }), failed)).toBe(false)
    expect(wants(endpoint({ enabled: false }), failed)).toBe(false)
  })

  test('what its filter lets through', () => {
    const than = (value: number) => endpoint({ filter: [{ path: 'attempts', op: 'gt', value }] })
    expect([wants(than(2), failed), wants(than(3), failed)]).toEqual([true, false])
  })

  test('facts of the queues its maker may see, and those of none', () => {
    expect(wants(endpoint({ queues: ['mail', 'pay-*'] }), failed)).toBe(true)
    expect(wants(endpoint({ queues: ['pay-*'] }), failed)).toBe(false)
    expect(wants(endpoint({ queues: ['pay-*'] }), { name: 'worker.online', data: {} })).toBe(true)
  })
})

describe('an endpoint never hears', () => {
  test('of progress, or of deliveries, which would go on telling of one another', () => {
    expect(wants(endpoint(), { name: 'job.progress', data: { queue: 'mail' } })).toBe(false)
    expect(wants(endpoint(), { name: 'webhook.delivery_failed', data: { webhook_id: 'wh_2' } })).toBe(false)
  })

  test('of itself', () => {
    expect(wants(endpoint(), disabled('wh_1'))).toBe(false)
    expect(wants(endpoint(), disabled('wh_2', 'acme'))).toBe(true)
  })

  test("as a subscriber's, of other subscribers' endpoints or of the installation", () => {
    const theirs = endpoint({ subscriber: 'acme' })
    expect(wants(theirs, disabled('wh_2', 'acme'))).toBe(true)
    expect(wants(theirs, disabled('wh_2', 'other'))).toBe(false)
    expect(wants(theirs, disabled('wh_2'))).toBe(false)
    expect(wants(theirs, { name: 'worker.online', data: {} })).toBe(false)
    expect(wants(theirs, failed)).toBe(true)
  })
})

describe('an event from outside', () => {
  const order = (data: object = {}, source: string | null = null) => ({
    name: 'order.placed',
    data: { queue: 'pay', ...data },
    sent: { source },
  })

  test('is of no queue, and goes to those whose maker may read events', () => {
    expect(wants(endpoint({ queues: ['mail'] }), order())).toBe(true)
    expect(wants(endpoint({ outside: false }), order())).toBe(false)
  })

  test('that says whose it is goes to no endpoint of another subscriber', () => {
    const theirs = endpoint({ subscriber: 'acme' })
    expect(wants(theirs, order())).toBe(true)
    expect(wants(theirs, order({ subscriber: 'acme' }))).toBe(true)
    expect(wants(theirs, order({ subscriber: 'other' }))).toBe(false)
    expect(wants(endpoint(), order({ subscriber: 'other' }))).toBe(true)
  })

  test('that came through a source and does not say whose it is goes to no subscriber', () => {
    const theirs = endpoint({ subscriber: 'acme' })
    expect(wants(theirs, order({}, 'src_1'))).toBe(false)
    expect(wants(theirs, order({ subscriber: 'acme' }, 'src_1'))).toBe(true)
    expect(wants(endpoint(), order({}, 'src_1'))).toBe(true)
  })

  test('that came as a webhook goes to no subscriber', () => {
    const received = { name: 'webhook.received', data: { source_id: 'src_1' }, sent: { source: 'src_1' } }
    expect([wants(endpoint({ subscriber: 'acme' }), received), wants(endpoint(), received)]).toEqual([false, true])
  })
})

test('which event sources there are is told to those only who may read events: where nothing is signed the id is the secret', () => {
  const changed = { name: 'event_source.changed', data: { source_id: 'src_1' } }
  expect(wants(endpoint(), changed)).toBe(true)
  expect(wants(endpoint({ outside: false }), changed)).toBe(false)
  expect(wants(endpoint({ subscriber: 'acme' }), changed)).toBe(false)
})
