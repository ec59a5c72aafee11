// Which of many keys exist, asked for together: nearly always none of them does, and then one command has said so.
import type { Redis } from 'ioredis'

/** Keys that one command asks for. */
const ASKED_MAX = 2_000

/** Answers those that exist. Costs one command where none does, and with each that does about the square root of their number
 *  more, in three round trips at most. */
export const existing = async (redis: Redis, keys: readonly string[]): Promise<Set<string>> => {
  const slices = inSlices(keys, ASKED_MAX)
  const some = await Promise.all(slices.map((slice) => existingOf(redis, slice)))
  return new Set(some.flat())
}

const existingOf = async (redis: Redis, keys: readonly string[]): Promise<readonly string[]> => {
  const count = await redis.exists(...keys)
  if (count === 0 || count === keys.length) return count === 0 ? [] : keys
  const groups = inSlices(keys, Math.ceil(Math.sqrt(keys.length)))
  const found = await withSome(redis, groups)
  return (
    await withSome(
      redis,
      found.flat().map((key) => [key]),
    )
  ).flat()
}

/** The groups of which at least one key exists. */
const withSome = async (redis: Redis, groups: readonly (readonly string[])[]): Promise<(readonly string[])[]> => {
  const pipeline = redis.pipeline()
  for (const group of groups) pipeline.exists(...group)
  const replies = (await pipeline.exec()) ?? []
  return groups.filter((_group, index) => {
    const [error, count] = replies[index] ?? []
    if (error) throw error
    return Number(count) > 0
  })
}

const inSlices = (keys: readonly string[], size: number): (readonly string[])[] =>
  Array.from({ length: Math.ceil(keys.length / size) }, (_, index) => keys.slice(index * size, (index + 1) * size))
