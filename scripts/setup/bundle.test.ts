// When the dashboard's bundle is built again: when one of its sources changed, and only then.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bundleIsThere, bundleSources } from './bundle.mjs'
import { hashOf, remember } from './hash.mjs'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'k1n-bundle-'))
  for (const path of ['package-lock.json', 'dashboard/main.ts', 'shared/jobs/contract.ts', 'dashboard/dist/index.html'])
    write(path, 'first')
})
afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
const hash = () => hashOf(root, bundleSources(root))
const built = () => {
  remember(join(root, 'dashboard/dist/.sources-hash'), hash())
}

test('a bundle of these sources is kept', () => {
  built()
  expect(bundleIsThere(root, hash())).toBe(true)
})

test.each([
  'dashboard/main.ts',
  'dashboard/pages/jobs/page.svelte',
  'shared/jobs/contract.ts',
  'shared/contract.ts',
  'shared/kernel/client.ts',
  'package-lock.json',
])('a change of %s makes it stale', (path) => {
  built()
  write(path, 'second')
  expect(bundleIsThere(root, hash())).toBe(false)
})

test.each(['dashboard/dist/assets/a.js', 'dashboard/main.test.ts', 'shared/jobs/store.ts', 'api/app.ts'])(
  'a change of %s does not',
  (path) => {
    built()
    write(path, 'second')
    expect(bundleIsThere(root, hash())).toBe(true)
  },
)

test('a bundle that was removed is built again', () => {
  built()
  rmSync(join(root, 'dashboard/dist/index.html'))
  expect(bundleIsThere(root, hash())).toBe(false)
})
