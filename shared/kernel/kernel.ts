// What every room is given: time, chance, the log, settings, Redis and the names of keys. Nothing about jobs.
import type { Redis } from 'ioredis'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import type { Settings } from './config.ts'
import { createLog } from './log.ts'
import type { Log } from './log.ts'
import { connectRedis } from './redis.ts'
import type { RedisRole } from './redis.ts'
import { createVault } from './vault.ts'
import type { Vault } from './vault.ts'

export interface Kernel {
  readonly clock: Clock
  /** A number in [0, 1), as `Math.random`; tests give a fixed one. */
  readonly random: () => number
  readonly log: Log
  readonly settings: Settings
  /** Keeps secrets that must be had back. */
  readonly vault: Vault
  /** The process's command connection, in the role the process was started with. */
  readonly redis: Redis
  /** Opens one more connection (blocking reads, subscriptions); closed with the kernel. */
  connect(role: RedisRole, name?: string): Redis
  /** A key of ours: `{k1n}:<room>:<parts…>`. All share one hash tag, so one script may touch several. */
  key(room: string, ...parts: (string | number)[]): string
  /** BullMQ's key prefix. */
  readonly bullPrefix: string
  /** Closes every connection the kernel opened. */
  close(): Promise<void>
}

export interface KernelOptions {
  settings: Settings
  role: RedisRole
  clock?: Clock
  random?: () => number
  log?: Log
  /** The hash tag of our keys; tests use one of their own each. */
  tag?: string
  bullPrefix?: string
}

const LEAVE_MS = 1_000

/** Says goodbye where somebody listens. A connection that is waiting for Redis would keep the goodbye waiting too. */
const leave = async (redis: Redis): Promise<void> => {
  if (redis.status === 'ready') await Promise.race([redis.quit().catch(() => undefined), systemClock.sleep(LEAVE_MS)])
  redis.disconnect()
}

export const createKernel = (options: KernelOptions): Kernel => {
  const { settings, role, tag = 'k1n' } = options
  const connections: Redis[] = []
  const connect = (as: RedisRole, name?: string): Redis => {
    const redis = connectRedis(settings.REDIS_URL, as, name)
    connections.push(redis)
    return redis
  }
  return {
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    log: options.log ?? createLog(settings.K1N_LOG_LEVEL),
    settings,
    vault: createVault(settings.K1N_SECRETS_KEY),
    redis: connect(role),
    connect,
    key: (room, ...parts) => [`{${tag}}`, room, ...parts].join(':'),
    bullPrefix: options.bullPrefix ?? settings.K1N_BULLMQ_PREFIX,
    async close() {
      await Promise.all(connections.map(leave))
    },
  }
}
