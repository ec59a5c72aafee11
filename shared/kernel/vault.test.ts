// Sealed secrets: had back with the right key for the right thing only.
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createVault } from './vault.ts'

const [old, young] = [randomBytes(32), randomBytes(32)]
const vault = createVault([old])

test('a secret is had back, and nothing of it shows', () => {
  const sealed = vault.seal('whsec_abc', 'webhook wh_1')
  expect(vault.open(sealed, 'webhook wh_1')).toBe('whsec_abc')
  expect(sealed).not.toContain('whsec')
  expect(vault.seal('whsec_abc', 'webhook wh_1')).not.toBe(sealed)
})

test('it opens as what it is of only', () => {
  expect(() => vault.open(vault.seal('s', 'webhook wh_1'), 'webhook wh_2')).toThrow('belongs to something else')
})

test('a changed character is refused', () => {
  const sealed = vault.seal('secret', 'x')
  const changed = sealed.slice(0, -3) + (sealed.at(-3) === 'A' ? 'B' : 'A') + sealed.slice(-2)
  expect(() => vault.open(changed, 'x')).toThrow('was changed')
})

test('a new key seals, and what the old one sealed opens while it is kept', () => {
  const both = createVault([young, old])
  const sealed = both.seal('new', 'x')
  expect(both.open(vault.seal('old', 'x'), 'x')).toBe('old')
  expect(both.open(sealed, 'x')).toBe('new')
  expect(() => vault.open(sealed, 'x')).toThrow('K1N_SECRETS_KEY')
})
