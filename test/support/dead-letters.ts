// Dead letters as some worker left them, laid straight into Redis.
import type { Bull } from '../../shared/bullmq/bullmq.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'

interface Given {
  kernel: Kernel
  bull: Bull
}

/** One job that died at `at`; `more` are fields of its hash. */
export const lay = async (
  { kernel, bull }: Given,
  queue: string,
  id: string,
  at: number,
  more: Record<string, string | number> = {},
): Promise<void> => {
  const hash = {
    name: 'mail.send',
    data: '{"to":"x"}',
    opts: '{"attempts":3}',
    timestamp: at - 9,
    atm: 3,
    ats: 3,
    processedOn: at - 1,
    finishedOn: at,
    failedReason: 'boom',
    stacktrace: '["Error: boom\\n    at x"]',
    priority: 0,
    delay: 0,
  }
  const keys = bull.keys(queue)
  await kernel.redis
    .pipeline()
    .hset(keys.job(id), { ...hash, ...more })
    .zadd(keys.failed, at, id)
    .hset(keys.meta, 'opts.maxLenEvents', 10_000)
    .exec()
}

/** `count` of them, one a millisecond from `at` on, under the ids `d0`, `d1`, …; answers the ids. */
export const layMany = async (given: Given, queue: string, count: number, at: number): Promise<string[]> => {
  const ids = Array.from({ length: count }, (_, n) => `d${n}`)
  await Promise.all(ids.map((id, n) => lay(given, queue, id, at + n)))
  return ids
}

/** Everything Redis has of a queue, by key: hashes, lists, sorted sets, and what its events say. */
export const everythingOf = async (
  { kernel: { redis }, bull }: Given,
  queue: string,
): Promise<Record<string, unknown>> => {
  const { prefix } = bull.keys(queue)
  const found: Record<string, unknown> = {}
  for (const key of (await redis.keys(`${prefix}*`)).sort()) {
    const type = await redis.type(key)
    const name = key.slice(prefix.length)
    if (type === 'hash') found[name] = await redis.hgetall(key)
    if (type === 'list') found[name] = await redis.lrange(key, 0, -1)
    if (type === 'set') found[name] = (await redis.smembers(key)).sort()
    if (type === 'zset') found[name] = await redis.zrange(key, 0, -1, 'WITHSCORES')
    if (type === 'string') found[name] = await redis.get(key)
    if (type === 'stream') found[name] = (await redis.xrange(key, '-', '+')).map(([, fields]) => fields)
  }
  return found
}
