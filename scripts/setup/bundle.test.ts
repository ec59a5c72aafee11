// When a bundle is built again: when one of its sources changed, and only then.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bundleIsThere, bundles, bundleSources } from './bundle.mjs'
import { hashOf, remember } from './hash.mjs'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'k1n-bundle-'))
  for (const path of ['package-lock.json', 'shared/jobs/contract.ts', 'shared/jobs/store.ts']) write(path, 'first')
})
afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

const both = ['shared/jobs/contract.ts', 'shared/contract.ts', 'shared/kernel/client.ts', 'package-lock.json']
const neither = ['shared/jobs/store.test.ts', 'workers/main.ts']

describe.each([
  {
    one: bundles.dashboard,
    sources: ['dashboard/main.ts', 'dashboard/pages/jobs/page.svelte', ...both],
    others: [
      'dashboard/dist/assets/a.js',
      'dashboard/main.test.ts',
      'shared/jobs/store.ts',
      'shared/jobs/add.lua',
      'api/app.ts',
      ...neither,
    ],
  },
  {
    one: bundles.api,
    sources: ['api/main.ts', 'api/http/keep.lua', 'shared/jobs/store.ts', 'shared/jobs/add.lua', ...both],
    others: ['api/dist/process.js', 'api/http/body.test.ts', 'dashboard/main.ts', ...neither],
  },
])('the bundle of $one.folder', ({ one, sources, others }) => {
  const hash = () => hashOf(root, bundleSources(root, one))
  const isThere = () => bundleIsThere(root, one, hash())
  beforeEach(() => {
    write(`${one.folder}/main.ts`, 'first')
    write(one.entry, 'built')
    remember(join(root, one.folder, 'dist/.sources-hash'), hash())
  })

  test('is kept while it is of these sources', () => {
    expect(isThere()).toBe(true)
  })

  test.each(sources)('a change of %s makes it stale', (path) => {
    write(path, 'second')
    expect(isThere()).toBe(false)
  })

  test.each(others)('a change of %s does not', (path) => {
    write(path, 'second')
    expect(isThere()).toBe(true)
  })

  test('is built again when it was removed', () => {
    rmSync(join(root, one.entry))
    expect(isThere()).toBe(false)
  })
})
