// Chooses a Redis for this machine: somebody's, an installed program, a container, or the Debian package, in that order.
import { aptAccess, aptCandidate, aptInstall, aptUpdate, thisMachine } from './apt.mjs'
import { dockerImage } from './redis-command.mjs'
import { allOnPath, findOnPath, run } from './run.mjs'
import { SetupError, say, saying } from './say.mjs'

/** Versions below are refused: their scripts and streams lack what BullMQ and k1n use. */
export const leastRedis = 7

const programs = ['redis-server', 'valkey-server']

/**
 * @typedef {{ kind: 'url', url: string }} RedisUrl somebody runs it
 * @typedef {{ kind: 'program', path: string, version: string }} RedisProgram we run it as a child
 * @typedef {{ kind: 'docker', path: string }} RedisDocker we run it as a container; `path` is the client
 * @typedef {RedisUrl | RedisProgram | RedisDocker} RedisChoice
 */

/**
 * The Redis the variable names, else one to run ourselves; says in one line which.
 * @param {'REDIS_URL' | 'K1N_TEST_REDIS_URL'} variable `npm start` reads one, tests only the other
 * @param {import('./apt.mjs').Machine} [machine]
 * @returns {Promise<RedisChoice>}
 */
export const chooseRedis = async (variable, machine = thisMachine) => {
  const url = machine.env[variable]
  if (url) say('redis', `${variable} is set`)
  return url ? { kind: 'url', url } : announced(await ownRedis(machine, variable))
}

/** @template {RedisProgram | RedisDocker} T @param {T} choice */
const announced = (choice) => {
  say('redis', choice.kind === 'docker' ? `a container of ${dockerImage}` : `${choice.path} ${choice.version}`)
  return choice
}

/**
 * A Redis to run ourselves: a program on the PATH, else Docker, else the Debian package, installed now. Throws a
 * `SetupError` that lists the choices when there is none.
 * @param {import('./apt.mjs').Machine} [machine]
 * @param {string} [variable] one that could have named a Redis instead
 * @returns {Promise<RedisProgram | RedisDocker>}
 */
export const ownRedis = async (machine = thisMachine, variable = undefined) => {
  const choice = (await installedRedis(machine)) ?? (await dockerThatAnswers(machine)) ?? (await packagedRedis(machine))
  if (choice === undefined) throw new SetupError(await noRedis(variable, machine))
  return choice
}

/**
 * The newest-named program on the PATH that is new enough.
 * @param {import('./apt.mjs').Machine} machine
 * @returns {Promise<RedisProgram | undefined>}
 */
export const installedRedis = async ({ env }) => {
  for (const path of allOnPath(programs, env['PATH'])) {
    const version = await versionOf(path)
    if (version !== undefined && isNewEnough(version)) return { kind: 'program', path, version }
  }
  return undefined
}

const versionOf = async (/** @type {string} */ path) => parseRedisVersion((await run(path, ['--version'])).output)

/**
 * The version in what `redis-server --version` or `valkey-server --version` prints.
 * @param {string} text
 */
export const parseRedisVersion = (text) => /\bv=(\d+\.\d+\.\d+)/.exec(text)?.[1]

/**
 * Whether k1n runs on this version: `7.0.15` yes, `6.2.14` no.
 * @param {string} version
 */
export const isNewEnough = (version) => Number.parseInt(version, 10) >= leastRedis

/** Many machines have a Docker client and no engine: it must answer. @returns {Promise<RedisDocker | undefined>} */
const dockerThatAnswers = async (/** @type {import('./apt.mjs').Machine} */ { env }) => {
  const path = findOnPath(['docker'], env['PATH'])
  if (path === undefined) return undefined
  const { code } = await run(path, ['info', '--format', '{{.ServerVersion}}'], { env, timeoutMs: 5_000 })
  return code === 0 ? { kind: 'docker', path } : undefined
}

const packagedRedis = async (/** @type {import('./apt.mjs').Machine} */ machine) => {
  const access = await aptAccess(machine)
  if (access === undefined) return undefined
  await saying('redis', 'apt-get update', () => aptUpdate(machine, access))
  for (const name of ['redis-server', 'valkey-server']) {
    if (!isNewEnough((await aptCandidate(name, machine)) ?? '0')) continue
    await saying('redis', `installing the package ${name}`, () => aptInstall(name, machine, access))
    return installedRedis(machine)
  }
  return undefined
}

const noRedis = async (
  /** @type {string | undefined} */ variable,
  /** @type {import('./apt.mjs').Machine} */ { env },
) => {
  const found = await Promise.all(
    allOnPath(programs, env['PATH']).map(async (path) => `${path} (${(await versionOf(path)) ?? 'unknown version'})`),
  )
  return [
    `k1n needs a Redis ${leastRedis} or newer and found none.`,
    ...(found.length > 0 ? [`Too old: ${found.join(', ')}.`] : []),
    'Do one of these and start again:',
    ...(variable ? [`  - set ${variable}, for instance ${variable}=redis://127.0.0.1:6379`] : []),
    '  - put redis-server or valkey-server on the PATH (https://redis.io/downloads, https://valkey.io/download)',
    '  - start Docker',
    '  - on Debian or Ubuntu, run `sudo apt-get install redis-server`; k1n does it itself as root or with sudo that asks no password',
  ].join('\n')
}
