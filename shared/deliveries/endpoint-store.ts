// What Redis knows of how endpoints fare: their failures, their rest, what they were sent in vain, and what the log lost of theirs.
import type { Kernel } from '../kernel/kernel.ts'
import type { Standing } from './policy.ts'
import type { KeptAttempt } from './record.ts'

const HOUR_MS = 3_600_000
/** Endpoints that are dropped in one call. */
const CALL_MAX = 100
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

export interface Health extends Standing {
  readonly failedAt: number | undefined
  readonly restsUntil: number | undefined
  readonly backlog: number
  /** How many attempts took less than 2^n ms, by n. */
  readonly widths: ReadonlyMap<number, number>
  /** Attempts of the same time that arrived. */
  readonly arrived: number
}

/** A time of which facts were removed before they were read. Epoch ms. */
export interface Gap {
  readonly from: number
  readonly to: number
}

export const createEndpointStore = (kernel: Kernel) => {
  const { redis, clock } = kernel
  const prefix = kernel.key('deliveries', '')
  const looks = `${prefix}looks`
  const gone = `${prefix}gone`
  const key = (...parts: string[]): string => prefix + parts.join(':')

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
    /** An endpoint rests: nobody looks at its line before then. */
    async rest(webhookId: string, until: number): Promise<void> {
      await redis.multi().zadd(looks, 'GT', until, webhookId).hset(key('state', webhookId), 'rest', until).exec()
    },
    /** Remembers what the last attempt that failed came to. */
    async blame(webhookId: string, { status, error }: FailedWith): Promise<void> {
      await redis.hset(key('state', webhookId), 'why', `${status ?? ''} ${error ?? ''}`)
    },
    /** Of each endpoint, whether its line is looked at later only. */
    async areResting(webhookIds: readonly string[]): Promise<boolean[]> {
      const now = clock.now()
      return (await redis.zmscore(looks, ...webhookIds)).map((look) => Number(look ?? 0) > now)
    },
    /** An endpoint goes on: its line is looked at now. */
    async wake(webhookId: string): Promise<void> {
      await redis.multi().zadd(looks, clock.now(), webhookId).hdel(key('state', webhookId), 'rest').exec()
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

const numberOf = (text: string | null | undefined): number | undefined =>
  text === null || text === undefined || text === '' ? undefined : Number(text)

export const standingOf = (
  failures: string | null | undefined,
  since: string | null | undefined,
  ok: string | null | undefined,
): Standing => ({
  failures: Number(failures ?? 0),
  failingSince: numberOf(since),
  succeededAt: numberOf(ok),
})

const failedWithOf = (why: string | null | undefined): FailedWith | undefined => {
  if (why === null || why === undefined) return undefined
  const [status = '', error = ''] = why.split(' ')
  return { status: numberOf(status) ?? null, error: error === '' ? null : error }
}

type Counts = Record<string, string>
type HealthAnswers = [state: (string | null)[], backlog: number, widths: Counts, widthsBefore: Counts]

const toHealth = ([[failures, since, ok, bad, rest], backlog, ...widths]: HealthAnswers): Health => ({
  ...standingOf(failures, since, ok),
  failedAt: numberOf(bad),
  restsUntil: numberOf(rest),
  backlog,
  widths: sumOf(widths),
  arrived: arrivedOf(widths),
})

/** Names of widths begin with a minus where the attempts failed. */
const sumOf = (counts: readonly Counts[]): Map<number, number> => {
  const sum = new Map<number, number>()
  for (const [name, count] of counts.flatMap((each) => Object.entries(each))) {
    const width = Number(name.replace('-', ''))
    sum.set(width, (sum.get(width) ?? 0) + Number(count))
  }
  return sum
}

const arrivedOf = (counts: readonly Counts[]): number =>
  counts
    .flatMap((each) => Object.entries(each))
    .reduce((sum, [name, count]) => (name.startsWith('-') ? sum : sum + Number(count)), 0)
