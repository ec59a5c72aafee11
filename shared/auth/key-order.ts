// The ids of all keys in their order, so that a page of them is read and not all. Ids hold their time: their order is that of making.
import type { Redis } from 'ioredis'

export interface KeyOrder {
  /** Where the ids are: a sorted set of members that all have the score 0. */
  readonly place: string
  /** Ids before this one, the newest first. */
  page(before: string | undefined, limit: number): Promise<string[]>
  /** Ids with their digests, some hundreds at a time. */
  scan(): AsyncIterable<(readonly [id: string, digest: string])[]>
}

const SCANNED = 500

/** `index` is the hash of digests by id, which decides. */
export const createKeyOrder = (redis: Redis, index: string, place: string): KeyOrder => {
  const scan = async function* (): AsyncGenerator<(readonly [string, string])[]> {
    let cursor = '0'
    do {
      const [next, flat] = await redis.hscan(index, cursor, 'COUNT', SCANNED)
      yield flat.flatMap((id, at) => (at % 2 === 0 ? [[id, flat[at + 1] ?? ''] as const] : []))
      cursor = next
    } while (cursor !== '0')
  }
  /** Keys that were made before there was an order are not in it yet. */
  const complete = async (): Promise<void> => {
    const [keys, ordered] = await Promise.all([redis.hlen(index), redis.zcard(place)])
    if (keys === ordered) return
    await redis.del(place)
    for await (const entries of scan())
      if (entries.length > 0) await redis.zadd(place, ...entries.flatMap(([id]) => [0, id]))
  }
  return {
    place,
    scan,
    async page(before, limit) {
      await complete()
      const from = before === undefined ? '+' : `(${before}`
      return redis.zrevrangebylex(place, from, '-', 'LIMIT', 0, limit)
    },
  }
}
