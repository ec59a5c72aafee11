// How fast a queue is worked off right now: jobs that ended per minute, from the last counted minutes.
import type { Kernel } from '../kernel/kernel.ts'
import { minuteOf, queuesKey } from './buckets.ts'

/** Whole minutes before the running one; long enough to smooth, short enough to be of now. */
const WHOLE = 2

/** Ended jobs per minute; 0 where nothing ended lately, or nobody records. */
export const readOutPerMin = async (kernel: Kernel, queue: string, now: number): Promise<number> => {
  const pipeline = kernel.redis.pipeline()
  for (let back = 0; back <= WHOLE; back++)
    pipeline.hmget(queuesKey(kernel, minuteOf(now) - back), `${queue}|completed`, `${queue}|failed`)
  const replies = (await pipeline.exec()) ?? []
  const ended = replies.reduce((sum, [error, counts]) => {
    if (error) throw error
    return sum + (counts as (string | null)[]).reduce((both, count) => both + Number(count ?? 0), 0)
  }, 0)
  return Math.round((ended / (WHOLE + (now % 60_000) / 60_000)) * 10) / 10
}
