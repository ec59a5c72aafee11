// Connections to Redis: two roles, because a producer must fail fast and a worker must wait.
import { Redis } from 'ioredis'
import type { RedisOptions } from 'ioredis'
import { createGather } from './gather.ts'
import { forgetShape, lighten } from './pipelines.ts'

/** `producer`: answers or fails within a second, for everything a person or a request waits for.
 *  `worker`: waits for Redis to come back, for everything that runs in the background.
 *  `limiter`: answers at once or not at all, for what every request waits for and can do without. */
export type RedisRole = 'producer' | 'worker' | 'limiter'

/** Waits twice as long each time up to `capMs`, half of it by chance; without that a fleet reconnects in one moment. The cap
 *  is what everybody waits longest once Redis is back. */
const reconnectWithin =
  (capMs: number) =>
  (attempt: number): number =>
    Math.round((0.5 + Math.random() * 0.5) * Math.min(capMs, 200 * 2 ** Math.min(attempt, 10)))

const roles: Record<RedisRole, RedisOptions> = {
  // `enableOfflineQueue: false` and the deadline turn an outage into an error within a second instead of a hang.
  producer: {
    enableOfflineQueue: false,
    commandTimeout: 1_000,
    socketTimeout: 5_000,
    maxRetriesPerRequest: 1,
    connectTimeout: 2_000,
    keepAlive: 10_000,
    retryStrategy: reconnectWithin(1_000),
  },
  // `socketTimeout` above the longest block (10 s) cures flows that were dropped without a word; a command timeout would not.
  // It begins with the first command that is not answered, which for a quiet connection is some seconds late: 12 s makes
  // everybody go on within 16.
  worker: {
    socketTimeout: 12_000,
    maxRetriesPerRequest: null,
    keepAlive: 10_000,
    connectTimeout: 5_000,
    retryStrategy: reconnectWithin(1_500),
  },
  // Who asks keeps a deadline of its own, of some ms: `commandTimeout` cannot tell an answer that came and was not read yet.
  limiter: {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    commandTimeout: 1_000,
    socketTimeout: 2_000,
    maxRetriesPerRequest: 1,
    connectTimeout: 1_000,
    keepAlive: 10_000,
    retryStrategy: reconnectWithin(500),
  },
}

/** A connection as k1n needs it, and so are the copies of it that BullMQ makes to block on. */
class Connection extends Redis {
  // Not `#`: some wrap a connection in a Proxy.
  private readonly gather = createGather(() => this.stream)

  constructor(options: RedisOptions, url?: string) {
    if (url === undefined) super(options)
    else super(url, options)
    forgetTheLost(this)
    lighten(this)
  }
  override defineCommand(...given: Parameters<Redis['defineCommand']>): void {
    super.defineCommand(...given)
    forgetShape(this)
  }
  override addBuiltinCommand(name: string): void {
    super.addBuiltinCommand(name)
    forgetShape(this)
  }
  override sendCommand(...[command, stream]: Parameters<Redis['sendCommand']>): unknown {
    // A pipeline brings a stream of its own and writes all it has at once, behind what is held.
    if (stream === undefined) this.gather.next()
    return super.sendCommand(command, stream)
  }
  /** Lets commands leave that wait for others of their moment. */
  sendNow(): void {
    this.gather.release()
  }
  override duplicate(override?: Partial<RedisOptions>): Redis {
    return new Connection({ ...this.options, ...override })
  }
}

/** ioredis forgets to stop the clock of `socketTimeout` when a connection is lost, and then ends the next one, which is
 *  sound, when the time of the lost one is over. */
const forgetTheLost = (redis: Redis): Redis => {
  const clock = redis as unknown as { socketTimeoutTimer: NodeJS.Timeout | undefined }
  return redis.on('close', () => {
    clearTimeout(clock.socketTimeoutTimer)
    clock.socketTimeoutTimer = undefined
  })
}

/** Lets the commands leave that wait in this process for others of their moment: before work of others that may block it, or
 *  end it. Costs nothing where none wait. */
export const sendNow = (redis: Redis): void => {
  if (redis instanceof Connection) redis.sendNow()
}

/** The ioredis options of a role; BullMQ needs them as data because it duplicates connections. */
export const redisOptions = (role: RedisRole): RedisOptions => ({ ...roles[role] })

/** Opens a connection. It connects in the background and reconnects for ever; errors are only worth a listener's
 *  attention, so an empty listener keeps them from ending the process. */
export const connectRedis = (
  url: string,
  role: RedisRole,
  name = `k1n-${role}`,
  options: Pick<RedisOptions, 'socketTimeout'> = {},
): Redis => {
  const redis = new Connection({ ...roles[role], ...options, connectionName: name }, url)
  redis.on('error', () => undefined)
  return redis
}

/** Whether an error means that Redis refused or went away, as against a command that is wrong. */
export const isRedisDown = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  const code = (error as { code?: unknown }).code
  if (typeof code === 'string' && /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|EAI_AGAIN|NR_CLOSED)/.test(code))
    return true
  return /Connection is closed|Stream isn't writeable|max retries per request|Socket closed|LOADING|READONLY|CLUSTERDOWN|MASTERDOWN/i.test(
    error.message,
  )
}

/** Whether an error means that a command was sent and no answer came: it may or may not have been carried out. */
export const isRedisSilent = (error: unknown): boolean =>
  error instanceof Error && /Command timed out|Socket timeout/i.test(error.message)
