// What is typed of a source must be asked for exactly, and what cannot be must be told at its field.
import { describe, expect, test } from 'vitest'
import { draftOf, emptyDraft, readForm, refusalsOf } from './form.ts'
import { inputOf } from './model.ts'

const form = (more: Record<string, string>) => ({ ...emptyDraft, name: 'Shop', ...more })
const input = (more: Record<string, string>) => inputOf(form(more), readForm(form(more)))

describe('making a source', () => {
  test('leaves what is usual for its scheme to the server', () => {
    expect(input({})).toEqual({ name: 'Shop', verify: { scheme: 'github' } })
  })

  test('gives the secret that was typed, and none where nothing is checked', () => {
    expect(input({ scheme: 'stripe', secret: ' whsec_abc ' }).verify).toEqual({
      scheme: 'stripe',
      tolerance_s: 300,
      secret: 'whsec_abc',
    })
    expect(input({ scheme: 'none', secret: 'left over' }).verify).toEqual({ scheme: 'none', id_header: null })
  })

  test('says which header holds a signature, and what it is told as', () => {
    const asked = input({
      scheme: 'hmac',
      header: 'X-Signature',
      prefix: 'sha256=',
      encoding: 'base64',
      id_header: 'X-Id',
      tells: 'own',
      event: 'crm.contact',
      append: 'path',
      append_name: 'type',
    })
    expect(asked).toEqual({
      name: 'Shop',
      verify: {
        scheme: 'hmac',
        signature_header: 'X-Signature',
        prefix: 'sha256=',
        encoding: 'base64',
        id_header: 'X-Id',
      },
      emit: { event: 'crm.contact', append: { path: 'type' } },
    })
  })
})

test('what is not right is told at its field', () => {
  const wrong = { name: ' ', scheme: 'hmac', header: 'X Signature', tells: 'own', event: 'Order!', append: 'header' }
  expect(Object.keys(readForm(form(wrong)).errors).sort()).toEqual(['append_name', 'event', 'header', 'name'])
  expect(readForm(form({ scheme: 'slack', tolerance: '5' })).errors).toHaveProperty('tolerance')
  expect(refusalsOf({ 'verify/secret': 'too short', 'emit/event': 'is ours' })).toEqual({
    secret: 'too short',
    event: 'is ours',
  })
})

test('a source that is shown and read again is the same', () => {
  const verify = { scheme: 'shared_secret', header: 'X-Token', id_header: null } as const
  const emit = { event: 'crm', append: { header: 'X-Event' } }
  const draft = draftOf({ name: 'CRM', verify, emit } as Parameters<typeof draftOf>[0])
  expect(readForm(draft)).toEqual({ name: 'CRM', verify, emit, errors: {} })
})
