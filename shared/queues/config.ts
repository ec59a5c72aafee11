// How a queue is limited, and how long its completed jobs stay. The limits are BullMQ's own, so that all workers heed them.
import { DEPTH_FIELD, ownLimit } from '../bullmq/bullmq.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { parseJson } from '../bullmq/raw-job.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createReader } from '../kernel/reader.ts'
import type { Reader } from '../kernel/reader.ts'
import { QueueConfig } from './contract.ts'

export const NO_CONFIG: QueueConfig = { global_concurrency: null, rate_limit: null, depth_limit: null, retention: null }

const retentionKey = (kernel: Kernel): string => kernel.key('queues', 'retention')

/** Goes up with every change made here. */
const revisionKey = (kernel: Kernel): string => kernel.key('queues', 'revision')

export type Retention = NonNullable<QueueConfig['retention']>
const toRetention = (text: string | null | undefined): QueueConfig['retention'] =>
  QueueConfig.shape.retention.safeParse(parseJson(text)).data ?? null

/** By name, as Redis says, or a reader of it. What others wrote that makes no sense is no limit. */
export const readConfigs = async (
  kernel: Kernel,
  bull: Bull,
  queues: readonly string[],
  read: Reader = createReader(kernel.redis),
): Promise<Map<string, QueueConfig>> => {
  if (queues.length === 0) return new Map()
  const [retentions, limits] = await Promise.all([
    kernel.redis.hmget(retentionKey(kernel), ...queues),
    read(queues.map((queue) => ({ command: 'hmget', key: bull.keys(queue).meta, args: LIMITS }))),
  ])
  return new Map(queues.map((queue, index) => [queue, configOf(retentions[index], limits[index])]))
}
const LIMITS = ['concurrency', 'max', 'duration', DEPTH_FIELD]

/** BullMQ's own API sets limits without a word: none is believed for longer than this. */
const BELIEVED_MS = 60_000

/** Makes a function that answers as `readConfigs` does, for whoever asks again and again: what was changed through k1n is read
 *  anew at once, and everything once in `believedMs`. */
export const createConfigs = (
  kernel: Kernel,
  bull: Bull,
  believedMs = BELIEVED_MS,
): ((queues: readonly string[]) => Promise<Map<string, QueueConfig>>) => {
  const known = new Map<string, { config: QueueConfig; revision: string | null; until: number }>()
  return async (queues) => {
    const now = kernel.clock.now()
    const revision = await kernel.redis.get(revisionKey(kernel))
    for (const [queue, one] of known) if (one.revision !== revision || now >= one.until) known.delete(queue)
    const unknown = queues.filter((queue) => !known.has(queue))
    for (const [queue, config] of await readConfigs(kernel, bull, unknown))
      known.set(queue, { config, revision, until: now + believedMs })
    return new Map(queues.map((queue) => [queue, known.get(queue)?.config ?? NO_CONFIG]))
  }
}

const configOf = (retention: string | null | undefined, limits: unknown): QueueConfig => {
  const [concurrency, max, duration, depth] = (limits ?? []) as (string | null)[]
  // Most queues are not limited, and lists are of many.
  if ([retention, concurrency, max, duration, depth].every((text) => text == null)) return NO_CONFIG
  return {
    global_concurrency: QueueConfig.shape.global_concurrency.safeParse(number(concurrency)).data ?? null,
    rate_limit:
      QueueConfig.shape.rate_limit.safeParse({ max: number(max), duration_ms: number(duration) }).data ?? null,
    depth_limit: QueueConfig.shape.depth_limit.safeParse(ownLimit(depth)).data ?? null,
    retention: toRetention(retention),
  }
}

const number = (text: string | null | undefined): number | null =>
  text === null || text === undefined ? null : Number(text)

/** Queues with a retention of their own. */
export const readRetentions = async (kernel: Kernel): Promise<Map<string, Retention>> => {
  const all = Object.entries(await kernel.redis.hgetall(retentionKey(kernel)))
  return new Map(
    all.flatMap(([queue, text]) => {
      const retention = toRetention(text)
      return retention ? [[queue, retention] as const] : []
    }),
  )
}

/** What shall change; what is absent stays. */
export type ConfigChange = { readonly [Member in keyof QueueConfig]?: QueueConfig[Member] | undefined }

/** Writes what is given and leaves the rest. */
export const writeConfig = async (
  kernel: Kernel,
  bull: Bull,
  name: string,
  { global_concurrency, rate_limit, depth_limit, retention }: ConfigChange,
): Promise<void> => {
  const { meta, marker } = bull.keys(name)
  const steps = kernel.redis.multi()
  if (global_concurrency === null) steps.hdel(meta, 'concurrency')
  else if (global_concurrency !== undefined) steps.hset(meta, 'concurrency', global_concurrency)
  if (rate_limit === null) steps.hdel(meta, 'max', 'duration')
  else if (rate_limit !== undefined) steps.hset(meta, 'max', rate_limit.max, 'duration', rate_limit.duration_ms)
  if (depth_limit === null) steps.hdel(meta, DEPTH_FIELD)
  else if (depth_limit !== undefined) steps.hset(meta, DEPTH_FIELD, depth_limit)
  // Workers that found the queue full look again.
  if (global_concurrency !== undefined || rate_limit !== undefined) steps.zadd(marker, 0, '0')
  await steps.exec()
  // Said last, so that whoever hears of it finds it done.
  const own = kernel.redis.multi()
  if (retention === null) own.hdel(retentionKey(kernel), name)
  else if (retention !== undefined) own.hset(retentionKey(kernel), name, JSON.stringify(retention))
  await own.incr(revisionKey(kernel)).exec()
}

export const forgetRetention = async (kernel: Kernel, name: string): Promise<void> => {
  await kernel.redis.multi().hdel(retentionKey(kernel), name).incr(revisionKey(kernel)).exec()
}
