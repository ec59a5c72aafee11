// How full Redis is: asked once a second, so that work is refused before Redis itself would refuse everything.
import type { Kernel } from '../kernel/kernel.ts'
import { loop } from '../kernel/service.ts'
import type { Service } from '../kernel/service.ts'

const EVERY_MS = 1_000
/** Shares of `maxmemory` from which on something is refused: work that may wait, all that is new, and what is done once more. What is
 *  left is for work that is under way: workers need some to end it. */
export const BANDS = { low: 0.7, new: 0.8, again: 0.9 } as const
type Band = keyof typeof BANDS

/** How long the past is that tells how fast room is made, in looks. */
const LOOKS = 10
const WAIT_MIN_MS = 1_000
const WAIT_MAX_MS = 60_000

export interface Memory extends Service {
  /** Bytes as of the last look; 0 while nothing is known. */
  readonly used: number
  /** 0 where Redis has no limit. */
  readonly most: number
  /** Whether this much is used that such things are not added. Never where Redis has no limit. */
  isBeyond(band: Band): boolean
  /** How long until they are again, at the speed at which room was made lately: from a second to a minute, which is also told where
   *  none was made. */
  roomInMs(band: Band): number
  /** Looks now. Throws what Redis throws. */
  look(): Promise<void>
}

/** Both figures of `INFO memory`. */
export const memoryOf = (info: string): { used: number; most: number } => ({
  used: Number(/^used_memory:(\d+)/m.exec(info)?.[1] ?? 0),
  most: Number(/^maxmemory:(\d+)/m.exec(info)?.[1] ?? 0),
})

export const createMemory = (kernel: Kernel): Memory => {
  let now = { used: 0, most: 0 }
  let past: { at: number; used: number }[] = []
  const isBeyond = (band: Band): boolean => now.most > 0 && now.used > BANDS[band] * now.most
  const look = async (): Promise<void> => {
    const wasFull = isBeyond('new')
    now = memoryOf(await kernel.redis.info('memory'))
    past = [...past, { at: kernel.clock.now(), used: now.used }].slice(-LOOKS)
    if (isBeyond('new') === wasFull) return
    if (wasFull) kernel.log.info('Redis has room again: jobs are taken again', now)
    else kernel.log.warn('Redis is more than 80 % full: no more jobs are taken until some are done', now)
  }
  const service = loop('memory', async (signal) => {
    while (!signal.aborted) {
      // What was known last holds while Redis is away; then nothing can be added either.
      await look().catch(() => undefined)
      await kernel.clock.sleep(EVERY_MS, signal)
    }
  })
  return {
    ...service,
    look,
    isBeyond,
    roomInMs(band) {
      const [first] = past
      const freedPerMs = first ? (first.used - now.used) / Math.max(1, kernel.clock.now() - first.at) : 0
      const waitMs = freedPerMs > 0 ? (now.used - BANDS[band] * now.most) / freedPerMs : WAIT_MAX_MS
      return Math.min(WAIT_MAX_MS, Math.max(WAIT_MIN_MS, waitMs))
    },
    get used() {
      return now.used
    },
    get most() {
      return now.most
    },
  }
}
