// Making an endpoint: a secret is asked for only where one was typed.
import { expect, test } from 'vitest'
import { emptyDraft, settingsOf } from '../webhook-form/fields.ts'
import { inputOf } from './model.ts'

const draft = { ...emptyDraft, url: ' https://crm.example/hooks ', event_types: '["*"]' }

test('says what was typed, and leaves out what was not', () => {
  const body = inputOf(draft, settingsOf(draft).settings)
  expect(body).toMatchObject({ url: 'https://crm.example/hooks', event_types: ['*'], subscriber: null })
  expect(body).not.toHaveProperty('secret')
  expect(body).not.toHaveProperty('headers')
})

test('gives headers and a secret along', () => {
  const headers = JSON.stringify([
    { name: ' x-token ', value: 'abc', kept: false },
    { name: '', value: 'left over', kept: false },
  ])
  const full = { ...draft, headers, secret: ' whsec_abc ' }
  expect(inputOf(full, settingsOf(full).settings)).toMatchObject({ headers: { 'x-token': 'abc' }, secret: 'whsec_abc' })
})
