// The dashboard's bundle: built when one of its sources changed since the last build.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { filesBelow, hashOf, recall, remember } from './hash.mjs'
import { must } from './run.mjs'
import { say, saying } from './say.mjs'

const hashFile = (/** @type {string} */ root) => join(root, 'dashboard', 'dist', '.sources-hash')

/**
 * Builds `dashboard/dist` unless it is there and of these sources.
 * @param {string} root the checkout
 * @param {string} node a Node ≥ 24
 */
export const bundle = async (root, node) => {
  const hash = hashOf(root, bundleSources(root))
  if (bundleIsThere(root, hash)) return say('dashboard', 'bundled')
  await saying('dashboard', 'bundling', () => build(root, node))
  remember(hashFile(root), hash)
}

/**
 * @param {string} root
 * @param {string} hash of the sources
 */
export const bundleIsThere = (root, hash) =>
  existsSync(join(root, 'dashboard', 'dist', 'index.html')) && recall(hashFile(root)) === hash

/**
 * Every file the bundle is made of: the dashboard, the contracts and the kernel they import, the lockfile.
 * @param {string} root
 */
export const bundleSources = (root) => [
  ...filesBelow(join(root, 'dashboard'), (path) => !path.startsWith('dist/') && !path.endsWith('.test.ts')),
  ...filesBelow(join(root, 'shared'), (path) => isContract(path) && !path.endsWith('.test.ts')),
  join(root, 'package-lock.json'),
]

/** Contracts of rooms, the kernel, and the files directly in `shared/` that join the rooms. */
const isContract = (/** @type {string} */ path) => /(^|\/)contract\.ts$|^kernel\/.*\.ts$|^[^/]+\.ts$/.test(path)

const build = (/** @type {string} */ root, /** @type {string} */ node) =>
  must(node, [join('node_modules', 'vite', 'bin', 'vite.js'), 'build', '--config', 'dashboard/vite.config.ts'], {
    cwd: root,
    env: { ...process.env, NODE_ENV: 'production', NO_COLOR: '1', FORCE_COLOR: undefined },
  })
