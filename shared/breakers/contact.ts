// Whether Redis can be asked: commands get a deadline, and while one is not answered no further one is sent.
import type { Redis } from 'ioredis'
import { systemClock } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { isRedisDown, isRedisSilent } from '../kernel/redis.ts'

export interface Contact {
  /** Waits a moment for connections that are only just being made. */
  begin(subscribed: Promise<unknown>): Promise<void>
  /** What the command answers. Throws when Redis is away, or does not answer in time. */
  ask<Value>(command: () => Promise<Value>): Promise<Value>
  /** Whether Redis was lost, from `lost` until `regained`. */
  readonly isLost: boolean
  lost(error: unknown): void
  regained(): void
}

/** Of the machine's time: however a test's clock jumps, Redis answers when it does. */
const DEADLINE_MS = 500

class NoAnswer extends Error {}

export const createContact = (kernel: Kernel): Contact => {
  const { redis, log } = kernel
  /** Commands that were sent and are not answered although their time is over. */
  let hanging = 0
  let isLost = false
  const cannotAsk = (): boolean => redis.status !== 'ready' || hanging > 0
  const inTime = async <Value>(work: Promise<Value>): Promise<Value> => {
    const answered = new AbortController()
    const late = systemClock.sleep(DEADLINE_MS, answered.signal).then((): never => {
      throw new NoAnswer('Redis did not answer in time')
    })
    late.catch(() => undefined)
    try {
      return await Promise.race([work, late])
    } catch (error) {
      if (error instanceof NoAnswer) waitFor(work)
      throw error
    } finally {
      answered.abort()
    }
  }
  const waitFor = (work: Promise<unknown>): void => {
    hanging++
    const over = (): void => {
      hanging--
    }
    work.then(over, over)
  }
  return {
    async begin(subscribed) {
      const given = new AbortController()
      void Promise.all([subscribed, readiness(redis)]).then(() => given.abort())
      await systemClock.sleep(DEADLINE_MS, given.signal)
    },
    async ask(command) {
      if (cannotAsk()) throw new NoAnswer('Redis is away')
      return inTime(command())
    },
    get isLost() {
      return isLost
    },
    regained() {
      isLost = false
    },
    lost(error) {
      if (!isLost && !(error instanceof NoAnswer) && !isRedisDown(error) && !isRedisSilent(error))
        log.warn('breakers could not ask Redis', { error })
      isLost = true
    },
  }
}

const readiness = async (redis: Redis): Promise<void> => {
  if (redis.status !== 'ready') await new Promise((resolve) => redis.once('ready', resolve))
}
