// Who is sent payloads: nobody gets at more of them than they may read, by whatever detour.
import { describe, expect, test } from 'vitest'
import type { Principal } from '../auth/contract.ts'
import { mustGiveHeaders, mustMaySend } from './access.ts'
import { WebhookSettings } from './words.ts'
import type { WebhookDraft } from './words.ts'

type Given = Partial<WebhookDraft['settings']> & { enabled?: boolean }

const draft = ({ enabled = true, ...settings }: Given): WebhookDraft => ({
  ...{ id: 'wh_1', queues: ['mail'], outside: true, enabled, disabled: null, secrets: [] },
  ...{ sealedHeaders: null, headerNames: [], createdAt: 0, updatedAt: 0, by: 'x' },
  settings: WebhookSettings.parse({ url: 'https://a.example/', event_types: ['job.failed'], ...settings }),
})
const who = (more: Partial<Principal>): Principal => ({
  ...{ kind: 'session', id: 'pl_1', name: 'acme (portal)', scopes: ['webhooks:read', 'webhooks:write'] },
  ...{ queues: ['mail'], ...more },
})
const guest = who({ subscriber: 'acme' })
const key = who({ kind: 'key', id: 'key_1' })
const lacks = expect.objectContaining({ code: 'insufficient-scope' }) as Error

const change = (by: Principal, before: Given | undefined, next: Given) => (): void =>
  mustMaySend(by, draft(next), before && draft(before))

describe('payloads', () => {
  test('are not had by turning them on while nothing is sent, and enabling then', () => {
    const off = { enabled: false }
    for (const by of [guest, key]) {
      expect(change(by, off, { ...off, include_data: true })).toThrow(lacks)
      expect(change(by, {}, { ...off, include_data: true })).toThrow(lacks)
      expect(change(by, undefined, { include_data: true })).toThrow(lacks)
    }
    expect(change(who({ scopes: ['jobs:data'] }), off, { ...off, include_data: true })).not.toThrow()
  })

  test('of further facts are not had by a subscriber that is sent some', () => {
    const filter = [{ path: 'task_name', op: 'eq' as const, value: 'theirs' }]
    const before = { include_data: true, filter }
    expect(change(guest, before, { include_data: true })).toThrow(lacks)
    expect(change(guest, before, { ...before, event_types: ['*'] })).toThrow(lacks)
    expect(change(guest, { ...before, enabled: false }, { include_data: true, enabled: false })).toThrow(lacks)
  })

  test('that somebody chose to send are sent on, elsewhere and once it is enabled again', () => {
    const before = { include_data: true }
    expect(change(guest, before, { ...before, url: 'https://b.example/' })).not.toThrow()
    expect(change(guest, { ...before, enabled: false }, before)).not.toThrow()
    expect(change(guest, before, { include_data: false, event_types: ['*'] })).not.toThrow()
    expect(change(key, before, { ...before, enabled: false })).not.toThrow()
    expect(change(key, { ...before, enabled: false }, before)).toThrow(lacks)
  })
})

test('headers that somebody gave for one host do not go to another that a subscriber chooses', () => {
  const before = { ...draft({}), headerNames: ['authorization'] }
  const edit = (by: Principal, patch: object) => (): void => mustGiveHeaders(by, before, patch)
  const url = 'https://b.example/'
  expect(edit(guest, { url })).toThrow(expect.objectContaining({ code: 'validation-failed' }) as Error)
  expect(edit(guest, { url: 'http://a.example/' })).toThrow()
  for (const patch of [{ url, headers: {} }, { url: 'https://a.example/other' }, { enabled: false }])
    expect(edit(guest, patch)).not.toThrow()
  expect(edit(key, { url })).not.toThrow()
  expect(() => mustGiveHeaders(guest, draft({}), { url })).not.toThrow()
})
