// What Redis knows of how endpoints fare: their failures, their rest, what they were sent in vain, and what the log lost of theirs.
import type { Kernel } from '../kernel/kernel.ts'
import { numberOf, standingOf, toHealth } from './figures.ts'
import type { Health, HealthAnswers } from './figures.ts'
import { CALL_MAX, HOUR_MS, deliveryKeys } from './keys.ts'
import type { Standing } from './policy.ts'
import type { KeptAttempt } from './record.ts'

/** How long it is told that facts were removed unread. */
const GAP_MS = 7 * 86_400_000
/** No attempt takes so long. */
const UNDER_WAY_MS = 60_000

/** What an attempt that failed came to: the status it was answered with, and its class. */
export type FailedWith = Pick<KeptAttempt, 'status' | 'error'>

/** How an endpoint fares, in short. */
export interface Seen extends Standing {
  readonly failedAt: number | undefined
  readonly failedWith: FailedWith | undefined
}

/** A time of which facts were removed before they were read. Epoch ms. */
export interface Gap {
  readonly from: number
  readonly to: number
}

export const createEndpointStore = (kernel: Kernel) => {
  const { redis, clock } = kernel
  const { prefix, looks, key } = deliveryKeys(kernel)
  const gone = `${prefix}gone`

  const healthsOf = async (webhookIds: readonly string[]): Promise<Health[]> => {
    if (webhookIds.length === 0) return []
    const hour = Math.floor(clock.now() / HOUR_MS)
    const pipeline = redis.pipeline()
    for (const id of webhookIds)
      pipeline
        .hmget(key('state', id), 'failures', 'since', 'ok', 'bad', 'rest')
        .zcard(key('open', id))
        .hgetall(key('widths', id, String(hour)))
        .hgetall(key('widths', id, String(hour - 1)))
    const answers = ((await pipeline.exec()) ?? []).map(([error, answer]) => {
      if (error) throw error
      return answer
    })
    return webhookIds.map((_id, n) => toHealth(answers.slice(4 * n, 4 * n + 4) as HealthAnswers))
  }
  const dropMany = async (ids: readonly string[]): Promise<void> => {
    await redis
      .multi()
      .zrem(looks, ...ids)
      .del(...ids.flatMap((id) => [key('state', id), key('line', id)]))
      .exec()
  }
  return {
    /** Remembers what the last attempt that failed came to. */
    async blame(webhookId: string, { status, error }: FailedWith): Promise<void> {
      await redis.hset(key('state', webhookId), 'why', `${status ?? ''} ${error ?? ''}`)
    },
    async standing(webhookId: string): Promise<Standing & { restsUntil: number | undefined }> {
      const [failures, since, ok, rest] = await redis.hmget(key('state', webhookId), 'failures', 'since', 'ok', 'rest')
      return { ...standingOf(failures, since, ok), restsUntil: numberOf(rest) }
    },
    /** How endpoints fare, in short. */
    async standings(webhookIds: readonly string[]): Promise<Seen[]> {
      const pipeline = redis.pipeline()
      for (const id of webhookIds) pipeline.hmget(key('state', id), 'failures', 'since', 'ok', 'bad', 'why')
      return ((await pipeline.exec()) ?? []).map(([error, answer]) => {
        if (error) throw error
        const [failures, since, ok, bad, why] = answer as (string | null)[]
        return { ...standingOf(failures, since, ok), failedAt: numberOf(bad), failedWith: failedWithOf(why) }
      })
    },
    async health(webhookId: string): Promise<Health> {
      const [health] = await healthsOf([webhookId])
      if (health === undefined) throw new Error('Redis answered nothing')
      return health
    },
    /** How endpoints fare, in the order asked. */
    healths: healthsOf,
    /** Forgets failures: somebody enabled the endpoint, and it starts anew. */
    async forgive(webhookId: string): Promise<void> {
      await redis.multi().del(key('state', webhookId)).zadd(looks, clock.now(), webhookId).exec()
    },
    /** Remembers that facts after one position and before another were removed before deliveries were made of them. */
    async missed(from: string, to: string): Promise<void> {
      await redis.set(key('gap'), `${from} ${to}`, 'PX', GAP_MS)
    },
    /** The last time of which that is so, epoch ms; undefined where it is not known of any. */
    async gap(): Promise<Gap | undefined> {
      const [from, to] = ((await redis.get(key('gap'))) ?? '').split(' ')
      return from === undefined || to === undefined
        ? undefined
        : { from: Number.parseInt(from, 10), to: Number.parseInt(to, 10) }
    },
    /** Forgets everything about an endpoint that is no more, but for its deliveries, which go by age. */
    async drop(webhookId: string): Promise<void> {
      await dropMany([webhookId])
    },
    /** The same when it is deleted, and once more when no attempt that was under way then can tell how it fared any more. */
    async bury(webhookId: string): Promise<void> {
      await redis.zadd(gone, clock.now() + UNDER_WAY_MS, webhookId)
      await dropMany([webhookId])
    },
    /** Drops those that were deleted long enough ago once more. */
    async dropBuried(): Promise<void> {
      const ids = await redis.zrangebyscore(gone, '-inf', clock.now(), 'LIMIT', 0, CALL_MAX)
      if (ids.length === 0) return
      await dropMany(ids)
      await redis.zrem(gone, ...ids)
    },
  }
}

const failedWithOf = (why: string | null | undefined): FailedWith | undefined => {
  if (why === null || why === undefined) return undefined
  const [status = '', error = ''] = why.split(' ')
  return { status: numberOf(status) ?? null, error: error === '' ? null : error }
}
