// What may stand in the way of a start: another run, a taken port, a Redis that will not do. Each is told in words.
import { Redis } from 'ioredis'
import { isFree } from '../setup/free-port.mjs'
import { isNewEnough, leastRedis } from '../setup/redis.mjs'
import type { Holder } from './lock.ts'
import { within } from './pid.ts'

/** A reason not to start. The message is for people and printed without a stack. */
export class InTheWay extends Error {}

export const alreadyRunning = (dataDir: string, { pid, url, since }: Holder): InTheWay =>
  new InTheWay(
    [
      `k1n already runs on ${dataDir}: process ${pid}, since ${since}${url ? `, at ${url}` : ', still starting'}.`,
      `Stop that one first (Ctrl-C there, or \`kill ${pid}\`), or give this one a place of its own:`,
      '  PORT=3001 K1N_DATA_DIR=.k1n-2 npm start',
    ].join('\n'),
  )

/** Throws `InTheWay` when the address is taken. `patienceMs` is for a run that was killed and is just going away. */
export const needFreePort = async (host: string, port: number, patienceMs = 0): Promise<void> => {
  if (port === 0 || (await within(patienceMs, () => isFree(port, host)))) return
  const who = (await answersLikeK1n(host, port)) ? 'a k1n with another data directory' : 'another program'
  throw new InTheWay(`${host}:${port} is taken by ${who}. Stop it, or choose another port: PORT=${port + 1} npm start`)
}

const answersLikeK1n = async (host: string, port: number): Promise<boolean> => {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  try {
    return (await fetch(`http://${name}:${port}/livez`, { signal: AbortSignal.timeout(1_000) })).ok
  } catch {
    return false
  }
}

/** Throws `InTheWay` when the Redis is older than 7; says whether it answers at all within 3 s. */
export const redisAnswers = async (url: string): Promise<boolean> => {
  const version = await versionOf(url)
  if (version === undefined) return false
  if (isNewEnough(version)) return true
  throw new InTheWay(`The Redis of REDIS_URL is version ${version}; k1n needs ${leastRedis} or newer.`)
}

const versionOf = async (url: string): Promise<string | undefined> => {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 3_000,
    commandTimeout: 3_000,
    retryStrategy: () => null,
  })
  redis.on('error', () => undefined)
  try {
    await redis.connect()
    return /redis_version:(\S+)/.exec(await redis.info('server'))?.[1]
  } catch {
    return undefined
  } finally {
    redis.disconnect()
  }
}
