// The command line of a Redis of ours, as a program or in a container, always with the settings of `redis.conf`.
import { totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'

/** The settings every Redis of ours starts with. */
export const settingsFile = fileURLToPath(new URL('./redis.conf', import.meta.url))

/** Used where Docker answers and no server program is installed. */
export const dockerImage = 'redis:7.4'

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
 * @param {import('./redis.mjs').RedisProgram | import('./redis.mjs').RedisDocker} choice
 * @param {RedisPlace} place
 * @returns {{ command: string, args: string[] }}
 */
export const redisCommand = (choice, place) =>
  choice.kind === 'program'
    ? { command: choice.path, args: programArguments(place) }
    : { command: choice.path, args: dockerArguments(place) }

const programArguments = (/** @type {RedisPlace} */ { port, dir, args = [] }) => {
  const memory = ['--maxmemory', String(redisMemoryBytes())]
  return [settingsFile, '--port', String(port), '--dir', dir, ...memory, ...args]
}

const dockerArguments = (/** @type {RedisPlace} */ { port, dir, args = [] }) => {
  const mounts = ['-v', `${settingsFile}:${containerSettingsFile}:ro`, '-v', `${dir}:/data`]
  const outside = ['-p', `127.0.0.1:${port}:6379`, '--name', containerName(port), '--user', containerUser(), ...mounts]
  return ['run', '--rm', ...outside, dockerImage, ...containerCommand(args)]
}

/** Where a container finds the settings file. */
export const containerSettingsFile = '/k1n/redis.conf'

/** Ours, so that the files it writes can be read and removed by us. */
export const containerUser = () => `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`

/** The name of the container that serves this port. */
export const containerName = (/** @type {number} */ port) => `k1n-redis-${port}`

/** What runs inside a container; only its published port, on loopback, leads there. */
export const containerCommand = (/** @type {string[]} */ args = []) => {
  const inside = ['--bind', '0.0.0.0', '--protected-mode', 'no', '--dir', '/data']
  return ['redis-server', containerSettingsFile, ...inside, '--maxmemory', String(redisMemoryBytes()), ...args]
}

/** What Redis and Valkey print once their data is loaded and clients are served. */
export const redisReady = /Ready to accept connections/
