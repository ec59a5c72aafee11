// Telling of deliveries: which there are, and how each stands.
import type { Kernel } from '../kernel/kernel.ts'
import { deliveryKeys } from './keys.ts'
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
    /** The delivery that another one comes after, if that has neither arrived nor been given up. */
    async ahead(id: string, webhookId: string): Promise<string | undefined> {
      const order = await redis.hget(key('d', id), 'o')
      const first = order === null ? null : await redis.lindex(key('order', webhookId, order), 0)
      if (first === null || first === id) return undefined
      const [status] = await statusesOf([first])
      return status === 'pending' || status === 'failed' ? first : undefined
    },
    /** Which of them are known. */
    async areKnown(ids: readonly string[]): Promise<boolean[]> {
      return (await statusesOf(ids)).map((status) => status !== null)
    },
    /** How each of them stands; null for one that is not known. */
    statuses: statusesOf,
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

const BRIEF = ['w', 'e', 't', 'c', 's', 'n', 'x', 'y'] as const

const lastOf = ({ n }: Record<string, string>, text: string | null | undefined): Record<string, string> =>
  n === undefined || text == null ? {} : { [`a${n}`]: text }
