// How far a machine's clock is from that of Redis, which the whole fleet shares.
import type { Redis } from 'ioredis'

/** ms a clock may differ from that of Redis; a process beyond is not ready, and takes no jobs. */
export const SKEW_MAX_MS = 500

/** ms by which a clock is ahead of Redis. Half of the round trip is taken off, so a slow answer is no skew. */
export const skewOf = async (redis: Pick<Redis, 'time'>, now: () => number): Promise<number> => {
  const before = now()
  const [seconds, micros] = await redis.time()
  const after = now()
  return (before + after) / 2 - (Number(seconds) * 1_000 + Number(micros) / 1_000)
}
