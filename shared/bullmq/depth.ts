// How many jobs wait in a queue, and how many may.
import type { Kernel } from '../kernel/kernel.ts'
import type { BullKeys } from './keys.ts'

/** Field of the queue's settings: how many jobs may wait in it, where it has a limit of its own. `add.lua` reads it. */
export const DEPTH_FIELD = 'k1nDepth'

/** The limit of a queue's own, as `add.lua` reads it; what others wrote there that makes no sense is none. */
export const ownLimit = (text: unknown): number | undefined =>
  typeof text === 'string' && /^[1-9]\d*$/.test(text) ? Number(text) : undefined

export interface Depth {
  /** Jobs that have not started: those that wait, with a priority or without, and those that are delayed. */
  readonly waiting: number
  /** 0 for any number. */
  readonly most: number
  /** The next one would not be taken. */
  readonly isFull: boolean
}

/** Looks by commands of O(1) each. A job that is made one with another is none: with `dedupId` a queue is not full where
 *  there is one to be made one with. */
export const readDepth = async (
  { redis }: Kernel,
  keys: BullKeys,
  mostWaiting: number,
  dedupId?: string,
): Promise<Depth> => {
  const pipeline = redis
    .pipeline()
    .hget(keys.meta, DEPTH_FIELD)
    .llen(keys.wait)
    .llen(keys.legacyPaused)
    .zcard(keys.prioritized)
    .zcard(keys.delayed)
  if (dedupId !== undefined) pipeline.exists(keys.twin(dedupId))
  const [own, ...counts] = ((await pipeline.exec()) ?? []).map(([error, value]) => {
    // What is not a list or a set there holds no jobs that wait.
    if (error && !error.message.startsWith('WRONGTYPE')) throw error
    return error ? 0 : value
  })
  const [isTwin = 0] = counts.splice(4)
  const waiting = counts.reduce<number>((sum, count) => sum + Number(count), 0)
  const most = ownLimit(own) ?? mostWaiting
  return { waiting, most, isFull: most > 0 && waiting >= most && isTwin === 0 }
}
