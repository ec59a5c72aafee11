// Debian packages: installs one where root or password-free sudo allows it, and leaves its own server stopped.
import { existsSync } from 'node:fs'
import { findOnPath, must, run } from './run.mjs'

/**
 * @typedef {object} Machine what set-up looks at; tests give one of their own
 * @property {NodeJS.ProcessEnv} env its PATH decides what is found
 * @property {number} uid 0 is root
 * @property {string} policyFile where Debian looks for leave to start a package's server
 */

/** @type {Machine} */
export const thisMachine = { env: process.env, uid: process.getuid?.() ?? -1, policyFile: '/usr/sbin/policy-rc.d' }

/**
 * How apt can be used here: as root, by sudo without a password, or not at all.
 * @param {Machine} machine
 * @returns {Promise<{ apt: string, prefix: string[] } | undefined>}
 */
export const aptAccess = async ({ env, uid }) => {
  const apt = findOnPath(['apt-get'], env['PATH'])
  if (apt === undefined) return undefined
  if (uid === 0) return { apt, prefix: [] }
  const sudo = findOnPath(['sudo'], env['PATH'])
  if (sudo === undefined || (await run(sudo, ['-n', 'true'], { env })).code !== 0) return undefined
  return { apt, prefix: [sudo, '-n'] }
}

/**
 * The version apt would install, without its epoch: `7.0.15-1~deb12u1`. Nothing when it knows no such package.
 * @param {string} name
 * @param {Machine} machine
 */
export const aptCandidate = async (name, { env }) => {
  const { output } = await run('apt-cache', ['policy', name], { env: { ...env, LC_ALL: 'C' } })
  const version = /^\s*Candidate: (?:\d+:)?(\S+)/m.exec(output)?.[1]
  return version === '(none)' ? undefined : version
}

/**
 * Fetches the package lists; they are missing in most containers.
 * @param {Machine} machine
 * @param {{ apt: string, prefix: string[] }} access
 */
export const aptUpdate = ({ env }, { apt, prefix }) => elevated(prefix, [apt, '-q', 'update'], env)

/**
 * Installs a package. A server that comes with it is not started now, nor at the next boot.
 * @param {string} name
 * @param {Machine} machine
 * @param {{ apt: string, prefix: string[] }} access
 */
export const aptInstall = async (name, { env, policyFile }, { apt, prefix }) => {
  const line = ['env', 'DEBIAN_FRONTEND=noninteractive', apt, '-q', '-y', 'install', '--no-install-recommends', name]
  const forbidden = !existsSync(policyFile)
  if (forbidden) await elevated(prefix, ['sh', '-c', forbidServices, 'sh', policyFile], env)
  try {
    await elevated(prefix, line, env)
  } finally {
    if (forbidden) await elevated(prefix, ['rm', '-f', policyFile], env)
  }
  if (existsSync('/run/systemd/system')) await elevated(prefix, ['sh', '-c', disableService, 'sh', name], env)
}

/** Debian asks `policy-rc.d` before a package may start its server; 101 means no. One that exists is left alone. */
const forbidServices = `printf '#!/bin/sh\\nexit 101\\n' > "$1" && chmod 755 "$1"`

/** A package without a service has nothing to disable, which is no failure. */
const disableService = 'systemctl disable "$1" || true'

const elevated = (
  /** @type {string[]} */ prefix,
  /** @type {string[]} */ line,
  /** @type {NodeJS.ProcessEnv} */ env,
) => {
  const [command = '', ...args] = [...prefix, ...line]
  return must(command, args, { env })
}
