// Secrets at rest: sealed, counting as long as they were told to, and sealed anew with a new key.
import { describe, expect, test } from 'vitest'
import { createVault } from '../kernel/vault.ts'
import { counting, openHeaders, openSecrets, rotated, sealHeaders, sealSecret, sealedAnew } from './secrets.ts'
import type { SigningSecret, WebhookDraft } from './words.ts'

const [one, two] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
const vault = createVault([one])
const seal = (secret: string, now = 0): SigningSecret => sealSecret(vault, 'wh_1', secret, now)
const open = (secrets: SigningSecret[], now: number) => openSecrets(vault, { id: 'wh_1', secrets }, now)

describe('a rotation', () => {
  test('lets the old secret sign until its time is up', () => {
    const secrets = rotated([seal('old')], seal('new', 100), 100, 50)
    expect(open(secrets, 149)).toEqual(['new', 'old'])
    expect(open(secrets, 150)).toEqual(['new'])
  })

  test('without grace ends the old one at once', () => {
    expect(open(rotated([seal('old')], seal('new'), 100, 0), 100)).toEqual(['new'])
  })

  test('keeps two old ones at most, none of them longer than it would have signed', () => {
    let secrets = [seal('a')]
    secrets = rotated(secrets, seal('b'), 0, 100)
    secrets = rotated(secrets, seal('c'), 10, 1_000)
    expect(counting(secrets, 99).map(({ expiresAt }) => expiresAt)).toEqual([null, 1_010, 100])
    expect(open(rotated(secrets, seal('d'), 20, 1_000), 20)).toEqual(['d', 'c', 'b'])
  })
})

test('what is kept does not tell the secret, and opens for its own webhook only', () => {
  const secrets = [seal('whsec_top')]
  expect(JSON.stringify(secrets)).not.toContain('whsec')
  expect(secrets[0]?.hint).toBe('_top')
  expect(() => openSecrets(vault, { id: 'wh_2', secrets }, 0)).toThrow()
})

test('headers are sealed as one, and none are nothing', () => {
  const sealed = sealHeaders(vault, 'wh_1', { 'X-Token': 't' })
  expect(openHeaders(vault, { id: 'wh_1', sealedHeaders: sealed })).toEqual({ 'X-Token': 't' })
  expect(sealHeaders(vault, 'wh_1', {})).toBeNull()
  expect(openHeaders(vault, { id: 'wh_1', sealedHeaders: null })).toEqual({})
})

test('a record that is sealed anew opens with the new key alone', () => {
  const record = {
    id: 'wh_1',
    secrets: [seal('s')],
    sealedHeaders: sealHeaders(vault, 'wh_1', { a: 'b' }),
  } as WebhookDraft
  const next = sealedAnew(createVault([two, one]), record)
  expect(openSecrets(createVault([two]), next, 0)).toEqual(['s'])
  expect(openHeaders(createVault([two]), next)).toEqual({ a: 'b' })
  const lost = sealedAnew(createVault([two]), record)
  expect(lost).toEqual(record)
})
