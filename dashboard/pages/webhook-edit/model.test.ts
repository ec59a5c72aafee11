// Changing an endpoint: only what was changed is asked for.
import { expect, test } from 'vitest'
import { emptyDraft, settingsOf } from '../webhook-form/fields.ts'
import { fieldNames, patchOf } from './model.ts'

const base = {
  ...emptyDraft,
  url: 'https://crm.example/',
  event_types: '["*"]',
  headers: '[{"name":"x-token","value":"","kept":true}]',
}
const change = (more: Record<string, string>) => {
  const draft = { ...base, ...more }
  return patchOf(draft, base, settingsOf(draft).settings)
}

test('asks for what was changed only', () => {
  expect(change({})).toEqual({})
  expect(change({ description: 'CRM' })).toEqual({ description: 'CRM' })
  expect(change({ delays: '5s' })).toEqual({ retry: { delays_ms: [5_000] } })
})

test('says headers all together, and none at all', () => {
  expect(change({ headers: '[{"name":"x-token","value":"new","kept":false}]' })).toEqual({
    headers: { 'x-token': 'new' },
  })
  expect(change({ headers: '[]' })).toEqual({ headers: {} })
})

test('names what others changed', () => {
  expect(fieldNames(['delays', 'base', 'url'])).toBe('when it is tried again, the address')
})
