// A Chromium for the browser tests: the one named, one on the PATH, else Debian's package.
import { existsSync } from 'node:fs'
import { aptAccess, aptCandidate, aptInstall, aptUpdate, thisMachine } from './apt.mjs'
import { findOnPath } from './run.mjs'
import { SetupError, say, saying } from './say.mjs'

/** What has no window comes first: it shows pages by the same code for less than half the time. */
const names = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
/** Debian's, in the order of what serves best. */
const packages = ['chromium-headless-shell', 'chromium']
const macChrome = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'

/**
 * The path of a Chromium. Throws a `SetupError` that lists the choices when there is none.
 * @param {import('./apt.mjs').Machine} [machine]
 * @returns {Promise<string>}
 */
export const chromium = async (machine = thisMachine) => {
  const named = machine.env['CHROME_PATH']
  if (named && !existsSync(named)) throw new SetupError(`CHROME_PATH is ${named}, and there is no such file.`)
  const path = named || installed(machine) || (await packaged(machine))
  if (!path) throw new SetupError(noChromium)
  say('chromium', path)
  return path
}

/**
 * The path of a Chromium that is there already.
 * @param {Pick<import('./apt.mjs').Machine, 'env'>} [machine]
 */
export const installed = ({ env } = thisMachine) =>
  findOnPath(names, env['PATH']) ?? (process.platform === 'darwin' && existsSync(macChrome) ? macChrome : undefined)

const packaged = async (/** @type {import('./apt.mjs').Machine} */ machine) => {
  const access = await aptAccess(machine)
  if (access === undefined) return undefined
  await saying('chromium', 'apt-get update', () => aptUpdate(machine, access))
  const name = await firstKnown(machine)
  if (name === undefined) return undefined
  await saying('chromium', `installing the package ${name}`, () => aptInstall(name, machine, access))
  return installed(machine)
}

const firstKnown = async (/** @type {import('./apt.mjs').Machine} */ machine) => {
  for (const name of packages) if ((await aptCandidate(name, machine)) !== undefined) return name
  return undefined
}

const noChromium = [
  'The browser tests need a Chromium and found none. Do one of these and start again:',
  '  - set CHROME_PATH to a Chromium or Chrome',
  `  - put one of ${names.join(', ')} on the PATH`,
  '  - on Debian, run `sudo apt-get install chromium`; k1n does it itself as root or with sudo that asks no password',
].join('\n')
