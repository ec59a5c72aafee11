// A Chromium for the browser tests: the one named, one on the PATH, else Debian's package.
import { existsSync } from 'node:fs'
import { aptAccess, aptCandidate, aptInstall, aptUpdate, thisMachine } from './apt.mjs'
import { findOnPath } from './run.mjs'
import { SetupError, say, saying } from './say.mjs'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
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

const installed = (/** @type {import('./apt.mjs').Machine} */ { env }) =>
  findOnPath(names, env['PATH']) ?? (process.platform === 'darwin' && existsSync(macChrome) ? macChrome : undefined)

const packaged = async (/** @type {import('./apt.mjs').Machine} */ machine) => {
  const access = await aptAccess(machine)
  if (access === undefined) return undefined
  await saying('chromium', 'apt-get update', () => aptUpdate(machine, access))
  if ((await aptCandidate('chromium', machine)) === undefined) return undefined
  await saying('chromium', 'installing the package chromium', () => aptInstall('chromium', machine, access))
  return installed(machine)
}

const noChromium = [
  'The browser tests need a Chromium and found none. Do one of these and start again:',
  '  - set CHROME_PATH to a Chromium or Chrome',
  `  - put one of ${names.join(', ')} on the PATH`,
  '  - on Debian, run `sudo apt-get install chromium`; k1n does it itself as root or with sudo that asks no password',
].join('\n')
