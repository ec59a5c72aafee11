// The first key: made once, kept for its owner only, and refused when it is none.
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { generateKey, isKey } from '../../shared/kernel/api-key.ts'
import { adminKey, adminKeyFile } from './admin-key.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'k1n-key-'))
})
afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})
const kept = () => readFileSync(adminKeyFile(dir), 'utf8').trim()
const mode = () => statSync(adminKeyFile(dir)).mode & 0o777

test('it is made on the first start and the same on every later one', () => {
  const key = adminKey(dir, undefined)
  expect(isKey(key)).toBe(true)
  expect(adminKey(dir, undefined)).toBe(key)
  expect(readdirSync(dir)).toEqual(['admin-key'])
})

test('a given one is kept too and replaces the one before', () => {
  adminKey(dir, undefined)
  const given = generateKey('sk')
  expect(adminKey(dir, given)).toBe(given)
  expect(kept()).toBe(given)
})

test('only its owner may read the file, whoever could before', () => {
  adminKey(dir, undefined)
  expect(mode()).toBe(0o600)
  chmodSync(adminKeyFile(dir), 0o644)
  adminKey(dir, generateKey('sk'))
  expect(mode()).toBe(0o600)
})

test.each(['secret', generateKey('pk'), `${generateKey('sk')}x`])(
  '%j is refused with an example that would do',
  (given) => {
    expect(() => adminKey(dir, given)).toThrow(/^K1N_ADMIN_KEY is not a secret key .* k1n_sk_[0-9A-Za-z]{38}$/)
  },
)

test('a damaged file is said by its name, not replaced', () => {
  writeFileSync(adminKeyFile(dir), 'damaged')
  expect(() => adminKey(dir, undefined)).toThrow(adminKeyFile(dir))
  expect(kept()).toBe('damaged')
})
