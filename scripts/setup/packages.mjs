// The packages: `npm ci`, only when the lockfile is not the one they were installed from.
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { hashOf, recall, remember } from './hash.mjs'
import { findOnPath, must } from './run.mjs'
import { SetupError, say, saying } from './say.mjs'

const hashFile = (/** @type {string} */ root) => join(root, 'node_modules', '.k1n-lockfile-hash')

/**
 * Installs the packages of the lockfile, unless they are there.
 * @param {string} root the checkout
 */
export const packages = async (root) => {
  const hash = hashOf(root, [join(root, 'package-lock.json')])
  if (!packagesAreThere(root, hash)) await saying('packages', 'npm ci', () => install(root))
  else say('packages', 'as in the lockfile')
  remember(hashFile(root), hash)
}

/**
 * Whether what is installed is what the lockfile says: by the hash the last set-up left, else (somebody ran npm
 * himself) by comparing npm's own record entry by entry.
 * @param {string} root
 * @param {string} hash of the lockfile
 */
export const packagesAreThere = (root, hash) => {
  const recalled = recall(hashFile(root))
  if (recalled === hash) return existsSync(join(root, 'node_modules', '.package-lock.json'))
  return recordFits(root)
}

const recordFits = (/** @type {string} */ root) => {
  const record = entriesOf(join(root, 'node_modules', '.package-lock.json'))
  const wanted = Object.entries(entriesOf(join(root, 'package-lock.json')) ?? {}).filter(([path]) => path !== '')
  if (record === undefined) return false
  return wanted.every(([path, { version, optional }]) => {
    const found = record[path]
    return found === undefined ? optional === true : found.version === version
  })
}

/** @returns {Record<string, { version?: string, optional?: boolean }> | undefined} */
const entriesOf = (/** @type {string} */ file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}

const install = async (/** @type {string} */ root) => {
  const path = pathWithoutOwnNode(root)
  const npm = findOnPath(['npm'], path)
  if (npm === undefined) throw new SetupError('npm is not on the PATH. It comes with Node: https://nodejs.org')
  await must(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env: { ...process.env, PATH: path },
  })
}

/** npm must not run on the Node of `node_modules` while it replaces that folder. */
const pathWithoutOwnNode = (/** @type {string} */ root) =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((dir) => !dir.startsWith(join(root, 'node_modules')))
    .join(delimiter)
