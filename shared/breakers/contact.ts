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

interface Question {
  readonly at: number
  readonly giveUp: (error: NoAnswer) => void
  isLate: boolean
}

export const createContact = (kernel: Kernel): Contact => {
  const { redis, log } = kernel
  /** What was sent and is not answered yet, oldest first. */
  const open = new Set<Question>()
  let late = 0
  let isLost = false
  let watch: NodeJS.Timeout | undefined

  /** One timer for all questions: one for each would cost as much as asking. */
  const watchSoon = (): void => {
    watch ??= setTimeout(look, DEADLINE_MS / 2).unref()
  }
  const look = (): void => {
    watch = undefined
    const now = performance.now()
    for (const question of open) {
      if (question.isLate || now - question.at < DEADLINE_MS) continue
      question.isLate = true
      late++
      question.giveUp(new NoAnswer('Redis did not answer in time'))
    }
    if (open.size > late) watchSoon()
  }
  const close = (question: Question): void => {
    open.delete(question)
    if (question.isLate) late--
  }
  return {
    async begin(subscribed) {
      const given = new AbortController()
      void Promise.all([subscribed, readiness(redis)]).then(() => given.abort())
      await systemClock.sleep(DEADLINE_MS, given.signal)
    },
    ask: (command) =>
      new Promise((resolve, reject) => {
        if (redis.status !== 'ready' || late > 0) {
          reject(new NoAnswer('Redis is away'))
          return
        }
        const question: Question = { at: performance.now(), giveUp: reject, isLate: false }
        open.add(question)
        watchSoon()
        command().then(
          (value) => {
            close(question)
            resolve(value)
          },
          (error: unknown) => {
            close(question)
            reject(error instanceof Error ? error : new Error(String(error)))
          },
        )
      }),
    get isLost() {
      return isLost
    },
    lost(error) {
      if (!isLost && !(error instanceof NoAnswer) && !isRedisDown(error) && !isRedisSilent(error))
        log.warn('breakers could not ask Redis', { error })
      isLost = true
    },
    regained() {
      isLost = false
    },
  }
}

const readiness = async (redis: Redis): Promise<void> => {
  if (redis.status !== 'ready') await new Promise((resolve) => redis.once('ready', resolve))
}
