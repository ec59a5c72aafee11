// Where members stand in a sorted set, for many at once.
import type { Kernel } from '../kernel/kernel.ts'
import { finite } from './newest.ts'

/** Scores in the order asked; undefined for who is not in the set, and for all of what is no sorted set. */
export const scoresOf = async (
  kernel: Kernel,
  key: string,
  members: readonly string[],
): Promise<(number | undefined)[]> => {
  if (members.length === 0) return []
  const scores = await kernel.redis.zmscore(key, ...members).catch((error: unknown) => {
    if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return []
    throw error
  })
  return members.map((_, index) => {
    const score = scores[index]
    return typeof score === 'string' ? finite(score) : undefined
  })
}
