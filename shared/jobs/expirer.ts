// Ends jobs that were not started in time, also while nobody works on their queue.
import type { Bull } from '../bullmq/bullmq.ts'
import { existing } from '../kernel/existing.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { EXPIRING } from './expired.ts'
import { isRedisDown, isRedisSilent } from '../kernel/redis.ts'
import { loop } from '../kernel/service.ts'
import type { Service } from '../kernel/service.ts'

/** No worker starts a job whose time is over; this is for those that none comes to. */
const EVERY_MS = 5_000
/** One process of a fleet looks in each round. */
const TURN_MS = 4_500

/** Every process of the API and of the workers does so: while one of them runs, jobs expire. */
export const createExpirer = (kernel: Kernel, bull: Bull, queues: readonly string[]): Service =>
  loop('expirer', async (signal) => {
    while (!signal.aborted) {
      await inTurn(kernel, bull, queues, signal).catch((error: unknown) => {
        if (!isRedisDown(error)) kernel.log.warn('jobs that were not started in time could not be ended', { error })
      })
      await kernel.clock.sleep(EVERY_MS, signal)
    }
  })

const inTurn = async (kernel: Kernel, bull: Bull, queues: readonly string[], signal: AbortSignal): Promise<void> => {
  const turn = await kernel.redis.set(kernel.key('jobs', 'expirer'), '1', 'PX', TURN_MS, 'NX')
  if (turn === 'OK') await expireAll(kernel, bull, queues, signal)
}

/** Answers how many expired. */
export const expireAll = async (
  kernel: Kernel,
  bull: Bull,
  queues: readonly string[],
  signal: AbortSignal,
): Promise<number> => {
  let count = 0
  for (const queue of await withDue(kernel, bull, queues))
    try {
      count += await expireIn(bull, queue, signal)
    } catch (error) {
      // What is wrong with one queue keeps no job of another from its end; a Redis that is away is wrong with all.
      if (isRedisDown(error) || isRedisSilent(error)) throw error
      kernel.log.warn('jobs of a queue that were not started in time could not be ended', { queue, error })
    }
  return count
}

const expireIn = async (bull: Bull, queue: string, signal: AbortSignal): Promise<number> => {
  let count = 0
  for (let more = true; more && !signal.aborted;) {
    const slice = await bull.expireDue(queue, EXPIRING)
    count += slice.expired.length
    more = slice.more
  }
  return count
}

/** Few queues hold jobs that must start in time at all, and then there is a key. */
const withDue = async (kernel: Kernel, bull: Bull, all: readonly string[]): Promise<string[]> => {
  const there = await existing(
    kernel.redis,
    all.map((queue) => bull.keys(queue).expiries),
  )
  const queues = all.filter((queue) => there.has(bull.keys(queue).expiries))
  const pipeline = kernel.redis.pipeline()
  for (const queue of queues) pipeline.zcount(bull.keys(queue).expiries, '-inf', kernel.clock.now())
  const due = (await pipeline.exec()) ?? []
  return queues.filter((_, index) => {
    const [error, count] = due[index] ?? []
    // Whoever ends its jobs finds what is wrong with the queue, and says so.
    return error !== null || Number(count) > 0
  })
}
