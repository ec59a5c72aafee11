// Queues that somebody stopped: who, why and until when, and going on by itself when that time has come.
import type { Bull } from '../bullmq/bullmq.ts'
import { parseJson } from '../bullmq/raw-job.ts'
import { toIso } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { isRedisDown } from '../kernel/redis.ts'
import { loop } from '../kernel/service.ts'
import type { Service } from '../kernel/service.ts'
import { PauseRecord, pauseKey } from './around.ts'

interface Room {
  kernel: Kernel
  bull: Bull
}

/** Paused queues by the moment they go on. */
const untilKey = (kernel: Kernel): string => kernel.key('queues', 'until')

/** The record is written before the queue stops, so a stopped queue always says why. */
export const pauseFor = async (
  { kernel, bull }: Room,
  queue: string,
  { reason, by, until }: Omit<PauseRecord, 'at'>,
): Promise<void> => {
  const record: PauseRecord = { reason, by, at: toIso(kernel.clock.now()), until }
  const steps = kernel.redis.multi().hset(pauseKey(kernel), queue, JSON.stringify(record))
  await (
    until === null ? steps.zrem(untilKey(kernel), queue) : steps.zadd(untilKey(kernel), Date.parse(until), queue)
  ).exec()
  await bull.queue(queue).pause()
}

/** The record goes after the queue started. */
export const resumeNow = async ({ kernel, bull }: Room, queue: string): Promise<void> => {
  await bull.queue(queue).resume()
  await forgetPause(kernel, queue)
}

export const forgetPause = async (kernel: Kernel, queue: string): Promise<void> => {
  await kernel.redis.multi().hdel(pauseKey(kernel), queue).zrem(untilKey(kernel), queue).exec()
}

const EVERY_MS = 1_000
const AT_ONCE = 50

/** Lets queues go on whose time has come. Every process of the API and of the workers does so: while one of them runs, or as
 *  soon as one runs again, queues go on. */
export const createResumer = (kernel: Kernel, bull: Bull): Service =>
  loop('pauses', async (signal) => {
    while (!signal.aborted) {
      await resumeDue({ kernel, bull }).catch((error: unknown) => {
        if (!isRedisDown(error)) kernel.log.warn('paused queues could not be looked at', { error })
      })
      await kernel.clock.sleep(EVERY_MS, signal)
    }
  })

/** Answers the queues that go on. */
export const resumeDue = async (room: Room): Promise<string[]> => {
  const { kernel } = room
  const due = await kernel.redis.zrangebyscore(untilKey(kernel), '-inf', kernel.clock.now(), 'LIMIT', 0, AT_ONCE)
  const resumed: string[] = []
  for (const queue of due)
    if (await resumeOne(room, queue).catch((error: unknown) => stays(room, queue, error))) resumed.push(queue)
  return resumed
}

/** One queue that cannot go on keeps none of the others. While Redis is away none can. */
const stays = ({ kernel }: Room, queue: string, error: unknown): boolean => {
  if (isRedisDown(error)) throw error
  kernel.log.warn('a queue whose pause is over could not go on', { queue, error })
  return false
}

const FORGET = `if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
return redis.call('ZREM', KEYS[2], ARGV[1])`

/** Somebody may pause it anew in the same moment: then their word counts, and is made true again. */
const resumeOne = async ({ kernel, bull }: Room, queue: string): Promise<boolean> => {
  const text = (await kernel.redis.hget(pauseKey(kernel), queue)) ?? ''
  const until = PauseRecord.safeParse(parseJson(text)).data?.until ?? null
  if (until === null) {
    // Somebody resumed it, or paused it for good, and could not say so here.
    await kernel.redis.zrem(untilKey(kernel), queue)
    return false
  }
  if (Date.parse(until) > kernel.clock.now()) return false
  const wasPaused = await bull.queue(queue).isPaused()
  if (wasPaused) await bull.queue(queue).resume()
  const forgotten = await kernel.redis.eval(FORGET, 2, pauseKey(kernel), untilKey(kernel), queue, text)
  if (forgotten === 0 && (await kernel.redis.hexists(pauseKey(kernel), queue)) === 1) {
    await bull.queue(queue).pause()
    return false
  }
  if (wasPaused) kernel.log.info('a queue goes on: its pause is over', { queue })
  return wasPaused
}
