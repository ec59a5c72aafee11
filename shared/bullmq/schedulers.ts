// BullMQ's job schedulers of one queue, read without the side effects that BullMQ's own getters have.
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import type { BullKeys } from './keys.ts'

/** A job scheduler as it is stored. */
export interface Scheduler {
  /** The time of the job it made last, which waits for that time or runs. */
  readonly next: number
  readonly pattern: string | undefined
  readonly every: number | undefined
  readonly tz: string | undefined
}

const read = script(new URL('./schedulers.lua', import.meta.url))

/** Schedulers read by one script call. */
const AT_ONCE = 500

/** The schedulers of a queue by id, of those that are asked for; ones whose hash is lost are left out. */
export const readSchedulers = async (
  kernel: Kernel,
  keys: BullKeys,
  ids: readonly string[],
): Promise<Map<string, Scheduler>> => {
  const found = new Map<string, Scheduler>()
  for (let first = 0; first < ids.length; first += AT_ONCE) {
    const slice = ids.slice(first, first + AT_ONCE)
    const rows = (await read(kernel.redis, [keys.schedulers], slice)) as (Row | 0)[]
    rows.forEach((row, index) => {
      if (row !== 0) found.set(slice[index] ?? '', toScheduler(row))
    })
  }
  return found
}

/** The ids of all schedulers of a queue, at most so many. */
export const schedulerIds = (kernel: Kernel, keys: BullKeys, count: number): Promise<string[]> =>
  kernel.redis.zrange(keys.schedulers, 0, count - 1)

type Row = [next: string, pattern: string | null, every: string | null, tz: string | null]

const toScheduler = ([next, pattern, every, tz]: Row): Scheduler => ({
  next: Number(next),
  pattern: pattern ?? undefined,
  every: every === null ? undefined : Number(every),
  tz: tz ?? undefined,
})

/** The job that a scheduler makes for a time. */
export const schedulerJobId = (id: string, at: number): string => `repeat:${id}:${at}`
