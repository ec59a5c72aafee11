// The key that seals: made once, kept for its owner only, and never replaced by one that is given.
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readSettings } from '../../shared/kernel/config.ts'
import { secretsKey, secretsKeyFile } from './secrets-key.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'k1n-key-'))
})
afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

test('it is made on the first start, the same on every later one, and only its owner may read it', () => {
  const key = secretsKey(dir, undefined)
  expect(readSettings({ K1N_SECRETS_KEY: key }).K1N_SECRETS_KEY).toHaveLength(1)
  expect(secretsKey(dir, undefined)).toBe(key)
  expect(readdirSync(dir)).toEqual(['secrets-key'])
  expect(statSync(secretsKeyFile(dir)).mode & 0o777).toBe(0o600)
})

test('a given one is used and leaves the kept one as it was', () => {
  const kept = secretsKey(dir, undefined)
  const given = `${Buffer.alloc(32, 1).toString('base64')},${kept}`
  expect(secretsKey(dir, given)).toBe(given)
  expect(readFileSync(secretsKeyFile(dir), 'utf8').trim()).toBe(kept)
})

test('a damaged file is said by its name, not replaced', () => {
  writeFileSync(secretsKeyFile(dir), 'damaged')
  expect(() => secretsKey(dir, undefined)).toThrow(secretsKeyFile(dir))
  expect(readFileSync(secretsKeyFile(dir), 'utf8')).toBe('damaged')
})
