// The two bundles, the dashboard's and the API's: each is built when one of its sources changed since the last build.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { filesBelow, hashOf, recall, remember } from './hash.mjs'
import { must } from './run.mjs'
import { say, saying } from './say.mjs'

/**
 * A folder that is bundled into `dist` below it, as its `vite.config.ts` says.
 * @typedef {{ folder: string, entry: string, from: (path: string) => boolean }} Bundle `entry` is the file that is opened or
 *   run, relative to the checkout; `from` tells which files of `shared` belong to it, by their paths there
 */

/** Contracts and words of rooms, the kernel, and the files directly in `shared/` that join the rooms. */
const isContract = (/** @type {string} */ path) =>
  /(^|[-/])(contract|words)\.ts$|^kernel\/.*\.ts$|^[^/]+\.ts$/.test(path)

/** @satisfies {Record<string, Bundle>} */
export const bundles = {
  dashboard: { folder: 'dashboard', entry: 'dashboard/dist/index.html', from: isContract },
  api: { folder: 'api', entry: 'api/dist/main.js', from: (/** @type {string} */ path) => /\.(ts|lua)$/.test(path) },
}

/**
 * Builds each bundle unless it is there and of these sources.
 * @param {string} root the checkout
 * @param {string} node a Node ≥ 24
 */
export const bundle = async (root, node) => {
  for (const one of Object.values(bundles)) await bundleOne(root, node, one)
}

const bundleOne = async (/** @type {string} */ root, /** @type {string} */ node, /** @type {Bundle} */ one) => {
  const hash = hashOf(root, bundleSources(root, one))
  if (bundleIsThere(root, one, hash)) return say(one.folder, 'bundled')
  await saying(one.folder, 'bundling', () => build(root, node, one))
  remember(hashFile(root, one), hash)
}

/**
 * @param {string} root
 * @param {Bundle} one
 * @param {string} hash of the sources
 */
export const bundleIsThere = (root, one, hash) =>
  existsSync(join(root, one.entry)) && recall(hashFile(root, one)) === hash

/**
 * Every file a bundle is made of: its folder, what it imports from `shared`, and the lockfile.
 * @param {string} root
 * @param {Bundle} one
 */
export const bundleSources = (root, { folder, from }) => [
  ...filesBelow(join(root, folder), (path) => !path.startsWith('dist/') && !isTest(path)),
  ...filesBelow(join(root, 'shared'), (path) => from(path) && !isTest(path)),
  join(root, 'package-lock.json'),
]

const isTest = (/** @type {string} */ path) => path.endsWith('.test.ts')

const hashFile = (/** @type {string} */ root, /** @type {Bundle} */ { folder }) =>
  join(root, folder, 'dist', '.sources-hash')

const build = (/** @type {string} */ root, /** @type {string} */ node, /** @type {Bundle} */ { folder }) =>
  must(node, [join('node_modules', 'vite', 'bin', 'vite.js'), 'build', '--config', `${folder}/vite.config.ts`], {
    cwd: root,
    env: { ...process.env, NODE_ENV: 'production', NO_COLOR: '1', FORCE_COLOR: undefined },
  })
