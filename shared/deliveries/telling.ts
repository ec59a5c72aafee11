// Telling of deliveries: which there are, how each stands, and how endpoints fare.
import type { Kernel } from '../kernel/kernel.ts'
import { numberOf, standingOf, toHealth } from './figures.ts'
import type { Health, HealthAnswers } from './figures.ts'
import { HOUR_MS, deliveryKeys } from './keys.ts'
import type { Standing } from './policy.ts'
import { toRecord } from './record.ts'
import type { DeliveryRecord } from './record.ts'

/** A delivery is written before its job, and both are made again after a crash: the job is there by then. */
const NEW_MS = 60_000

export const createTelling = (kernel: Kernel) => {
  const { redis, clock } = kernel
  const { key } = deliveryKeys(kernel)

  const statusesOf = async (ids: readonly string[]): Promise<(string | null)[]> => {
    if (ids.length === 0) return []
    const pipeline = redis.pipeline()
    for (const id of ids) pipeline.hget(key('d', id), 's')
    return ((await pipeline.exec()) ?? []).map(([error, status]) => {
      if (error) throw error
      return status as string | null
    })
  }
  const each = async (
    ids: readonly string[],
    ask: (pipeline: ReturnType<typeof redis.pipeline>, id: string, n: number) => unknown,
  ): Promise<(string | null)[][]> => {
    const pipeline = redis.pipeline()
    ids.forEach((id, n) => void ask(pipeline, id, n))
    return ((await pipeline.exec()) ?? []).map(([error, answer]) => {
      if (error) throw error
      return answer as (string | null)[]
    })
  }
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
  return {
    /** Whether each of them has neither arrived nor been given up. */
    async areOpen(ids: readonly string[]): Promise<boolean[]> {
      return (await statusesOf(ids)).map((status) => status === 'pending' || status === 'failed')
    },
    /** Whether each of them is open and was made so lately that its job may not be there yet. */
    async areNew(ids: readonly string[]): Promise<boolean[]> {
      if (ids.length === 0) return []
      const rows = await each(ids, (pipeline, id) => pipeline.hmget(key('d', id), 's', 'c'))
      return rows.map(([status, made]) => status === 'pending' && clock.now() - Number(made) < NEW_MS)
    },
    /** Which of them are known. */
    async areKnown(ids: readonly string[]): Promise<boolean[]> {
      return (await statusesOf(ids)).map((status) => status !== null)
    },
    /** How each of them stands; null for one that is not known. */
    statuses: statusesOf,
    async standing(webhookId: string): Promise<Standing & { restsUntil: number | undefined }> {
      const [failures, since, ok, rest] = await redis.hmget(key('state', webhookId), 'failures', 'since', 'ok', 'rest')
      return { ...standingOf(failures, since, ok), restsUntil: numberOf(rest) }
    },
    /** How endpoints fare, in short. */
    async standings(webhookIds: readonly string[]): Promise<(Standing & { failedAt: number | undefined })[]> {
      const pipeline = redis.pipeline()
      for (const id of webhookIds) pipeline.hmget(key('state', id), 'failures', 'since', 'ok', 'bad')
      return ((await pipeline.exec()) ?? []).map(([error, answer]) => {
        if (error) throw error
        const [failures, since, ok, bad] = answer as (string | null)[]
        return { ...standingOf(failures, since, ok), failedAt: numberOf(bad) }
      })
    },
    async health(webhookId: string): Promise<Health> {
      const [health] = await healthsOf([webhookId])
      if (health === undefined) throw new Error('Redis answered nothing')
      return health
    },
    /** How endpoints fare, in the order asked. */
    healths: healthsOf,
    async find(id: string): Promise<DeliveryRecord | undefined> {
      return toRecord(id, await redis.hgetall(key('d', id)))
    },
    /** Deliveries with their last attempts only. */
    async findBrief(ids: readonly string[]): Promise<(DeliveryRecord | undefined)[]> {
      const heads = await each(ids, (pipeline, id) => pipeline.hmget(key('d', id), ...BRIEF))
      const fields = heads.map((values) => Object.fromEntries(BRIEF.flatMap((name, n) => (values[n] == null ? [] : [[name, values[n]]])))) // prettier-ignore
      const lasts = await each(ids, (pipeline, id, n) => pipeline.hmget(key('d', id), `a${fields[n]?.['n'] ?? 0}`))
      return fields.map((head, n) => toRecord(ids[n] ?? '', { ...head, ...lastOf(head, lasts[n]?.[0]) }))
    },
    /** Keys of deliveries to an endpoint, the newest first, with their places; before a place and key where given. */
    async page(
      set: 'of' | 'lost' | 'open',
      webhookId: string,
      range: { from: number; to: number },
      offset: number,
      count: number,
    ): Promise<{ key: string; place: number }[]> {
      const rows = await redis.zrange(
        key(set, webhookId),
        range.to,
        range.from,
        'BYSCORE',
        'REV',
        'LIMIT',
        offset,
        count,
        'WITHSCORES',
      )
      return Array.from({ length: rows.length / 2 }, (_, n) => ({
        key: rows[2 * n] ?? '',
        place: Number(rows[2 * n + 1]),
      }))
    },
    /** The latest place among deliveries to an endpoint that were forgotten; 0 when none was. */
    async forgotten(webhookId: string): Promise<number> {
      return Number((await redis.get(key('forgotten', webhookId))) ?? 0)
    },
  }
}

const BRIEF = ['w', 'e', 't', 'c', 's', 'n', 'x'] as const

const lastOf = ({ n }: Record<string, string>, text: string | null | undefined): Record<string, string> =>
  n === undefined || text == null ? {} : { [`a${n}`]: text }
