// Why a queue takes no more jobs, and when it makes sense to ask again.
import type { Bull } from '../bullmq/bullmq.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Problem } from '../kernel/problem.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { minuteOf, queuesKey } from '../metrics/buckets.ts'
import { createMinuteHashes, lastMinute } from '../metrics/minutes.ts'
import { QueueFull } from './problems.ts'

const WAIT_MIN_MS = 1_000
const WAIT_MAX_MS = 60_000

/** Queues of which it is being asked how full they are, and what came of it. */
const asking = new WeakMap<Kernel, Map<string, Promise<Problem>>>()

/** What whoever adds to a full queue is told: to wait as long as its workers take for what waits, at their speed of the last
 *  minute, from a second to a minute. Many that are refused at once are told alike: Redis is asked once for all of them. */
export const fullness = (kernel: Kernel, bull: Bull, queue: string): Promise<Problem> => {
  const queues = asking.get(kernel) ?? new Map<string, Promise<Problem>>()
  asking.set(kernel, queues)
  const asked = queues.get(queue) ?? ask(kernel, bull, queue).finally(() => queues.delete(queue))
  queues.set(queue, asked)
  return asked
}

const ask = async (kernel: Kernel, bull: Bull, queue: string): Promise<Problem> => {
  const [{ waiting, most }, perMinute] = await guardRedis(
    Promise.all([bull.depth(queue, kernel.settings.K1N_QUEUE_DEPTH), endedLastMinute(kernel, queue)]),
    'read',
  )
  return QueueFull(
    `${waiting} jobs wait in the queue ${queue}, which may be ${most}: no more are taken until some have run. Nothing was changed. ` +
      'Send it again later, run more workers, or raise the limit: `depth_limit` of the queue, or K1N_QUEUE_DEPTH for all.',
    { retryAfterMs: drainMs(waiting, perMinute), members: { queue, waiting, depth_limit: most } },
  )
}

/** How long so many take at so many a minute; a minute where none ended. */
export const drainMs = (waiting: number, perMinute: number): number =>
  perMinute > 0 ? Math.min(WAIT_MAX_MS, Math.max(WAIT_MIN_MS, (waiting / perMinute) * 60_000)) : WAIT_MAX_MS

const endedLastMinute = async (kernel: Kernel, queue: string): Promise<number> => {
  const now = kernel.clock.now()
  const fields = ['completed', 'failed'].map((counter) => `${queue}|${counter}`)
  const [before = 0, running = 0] = (
    await createMinuteHashes(kernel, queuesKey, fields)([minuteOf(now) - 1, minuteOf(now)])
  ).map((hash) => fields.reduce((sum, field) => sum + Number(hash[field] ?? 0), 0))
  return lastMinute(before, running, now)
}
