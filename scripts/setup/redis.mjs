// Chooses a Redis for this machine, in a fixed order, and knows the command line that starts it.
import { totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { aptAccess, aptCandidate, aptInstall, aptUpdate, thisMachine } from './apt.mjs'
import { allOnPath, findOnPath, run } from './run.mjs'
import { SetupError, say, saying } from './say.mjs'

/** Versions below are refused: their scripts and streams lack what BullMQ and k1n use. */
export const leastRedis = 7

const settingsFile = fileURLToPath(new URL('./redis.conf', import.meta.url))
const dockerImage = 'redis:7.4'
const programs = ['redis-server', 'valkey-server']

/**
 * @typedef {{ kind: 'url', url: string }} RedisUrl somebody runs it
 * @typedef {{ kind: 'program', path: string, version: string }} RedisProgram we run it as a child
 * @typedef {{ kind: 'docker', path: string }} RedisDocker we run it as a container; `path` is the client
 * @typedef {RedisUrl | RedisProgram | RedisDocker} RedisChoice
 */

/**
 * The Redis to use: the variable's, else a program on the PATH, else Docker, else the Debian package. Says what it
 * chose; throws a `SetupError` that lists the choices when there is none.
 * @param {'REDIS_URL' | 'K1N_TEST_REDIS_URL'} variable `npm start` reads one, tests only the other
 * @param {import('./apt.mjs').Machine} [machine]
 * @returns {Promise<RedisChoice>}
 */
export const chooseRedis = async (variable, machine = thisMachine) => {
  const url = machine.env[variable]
  if (url) return chosen({ kind: 'url', url }, `${variable} is set`)
  const program = await installedRedis(machine)
  if (program) return chosen(program, `${program.path} ${program.version}`)
  const docker = await dockerThatAnswers(machine)
  if (docker) return chosen(docker, `a container of ${dockerImage}`)
  const installed = await packagedRedis(machine)
  if (installed) return chosen(installed, `${installed.path} ${installed.version}`)
  throw new SetupError(await noRedis(variable, machine))
}

/** @template {RedisChoice} T @param {T} choice @param {string} text */
const chosen = (choice, text) => {
  say('redis', text)
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
    if (isNewEnough(version)) return { kind: 'program', path, version }
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
 * @param {string | undefined} version
 * @returns {version is string}
 */
export const isNewEnough = (version) => version !== undefined && Number.parseInt(version, 10) >= leastRedis

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
    if (!isNewEnough(await aptCandidate(name, machine))) continue
    await saying('redis', `installing the package ${name}`, () => aptInstall(name, machine, access))
    return installedRedis(machine)
  }
  return undefined
}

const noRedis = async (/** @type {string} */ variable, /** @type {import('./apt.mjs').Machine} */ { env }) => {
  const found = await Promise.all(
    allOnPath(programs, env['PATH']).map(async (path) => `${path} (${(await versionOf(path)) ?? 'unknown version'})`),
  )
  return [
    `k1n needs a Redis ${leastRedis} or newer and found none.`,
    ...(found.length > 0 ? [`Too old: ${found.join(', ')}.`] : []),
    'Do one of these and start again:',
    `  - set ${variable}, for instance ${variable}=redis://127.0.0.1:6379`,
    '  - put redis-server or valkey-server on the PATH (https://redis.io/downloads, https://valkey.io/download)',
    '  - start Docker',
    '  - on Debian or Ubuntu, run `sudo apt-get install redis-server`; k1n does it itself as root or with sudo that asks no password',
  ].join('\n')
}

/** 60 % of the memory this machine, or this container, has; the rest is for the processes and Redis's own rewrites. */
export const redisMemoryBytes = () => {
  const limit = process.constrainedMemory?.() ?? 0
  return Math.floor(0.6 * (limit > 0 ? Math.min(limit, totalmem()) : totalmem()))
}

/**
 * @typedef {object} RedisPlace
 * @property {number} port on 127.0.0.1
 * @property {string} dir where its data goes; it must exist
 * @property {string[]} [args] further settings, such as `['--appendonly', 'no']`
 */

/**
 * The command line of a Redis with our settings, in the foreground until it gets SIGTERM.
 * @param {RedisProgram | RedisDocker} choice
 * @param {RedisPlace} place
 */
export const redisCommand = (choice, { port, dir, args = [] }) => {
  const memory = ['--maxmemory', String(redisMemoryBytes())]
  if (choice.kind === 'program')
    return { command: choice.path, args: [settingsFile, '--port', String(port), '--dir', dir, ...memory, ...args] }
  const mounts = ['-v', `${settingsFile}:/k1n/redis.conf:ro`, '-v', `${dir}:/data`]
  const user = process.getuid ? ['--user', `${process.getuid()}:${process.getgid?.() ?? 0}`] : []
  const outside = ['-p', `127.0.0.1:${port}:6379`, '--name', containerName(port), ...mounts, ...user]
  const inside = [
    '/k1n/redis.conf',
    '--bind',
    '0.0.0.0',
    '--protected-mode',
    'no',
    '--dir',
    '/data',
    ...memory,
    ...args,
  ]
  return { command: choice.path, args: ['run', '--rm', ...outside, dockerImage, 'redis-server', ...inside] }
}

/** The name of the container that serves this port. */
export const containerName = (/** @type {number} */ port) => `k1n-redis-${port}`

/** What Redis and Valkey print once their data is loaded and clients are served. */
export const redisReady = /Ready to accept connections/
