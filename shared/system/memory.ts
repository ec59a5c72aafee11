// How full Redis is: asked once a second, so that work is refused before Redis itself would refuse everything.
import type { Kernel } from '../kernel/kernel.ts'
import { loop } from '../kernel/service.ts'
import type { Service } from '../kernel/service.ts'

const EVERY_MS = 1_000
/** Share of `maxmemory` from which on nothing is added. What is left is for work that is under way: workers need some to end it. */
export const FULL_AT = 0.8

export interface Memory extends Service {
  /** Bytes as of the last look; 0 while nothing is known. */
  readonly used: number
  /** 0 where Redis has no limit. */
  readonly most: number
  /** Whether nothing should be added. Never where Redis has no limit. */
  readonly isFull: boolean
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
  const isFull = (): boolean => now.most > 0 && now.used > FULL_AT * now.most
  const look = async (): Promise<void> => {
    const wasFull = isFull()
    now = memoryOf(await kernel.redis.info('memory'))
    if (isFull() === wasFull) return
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
    get used() {
      return now.used
    },
    get most() {
      return now.most
    },
    get isFull() {
      return isFull()
    },
  }
}
