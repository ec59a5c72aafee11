// The history of schedules: how much of it is kept.
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import { HISTORY_AGE_S, scheduleKeys } from './keys.ts'

/** Runs kept of one schedule, and of all. */
const RUNS_KEPT = 1_000
const HISTORY_KEPT = 200_000

const trim = script(new URL('./trim.lua', import.meta.url))

/** Entries removed by one script call. */
const SLICE = 500
const SCHEDULES_AT_ONCE = 500

/** Removes what is too old or too much, the oldest first, in small steps. */
export const trimHistory = async (kernel: Kernel): Promise<void> => {
  const { redis, clock } = kernel
  const keys = scheduleKeys(kernel)
  const parts = [kernel.key('schedules', 'order', ''), kernel.key('schedules', 'runs', '')]
  const drop = async (entries: readonly string[]): Promise<void> => {
    if (entries.length > 0) await trim(redis, [keys.history, ...parts], [...entries])
  }
  for (let removed = SLICE; removed === SLICE;) {
    const excess = Math.max(0, (await redis.zcard(keys.history)) - HISTORY_KEPT)
    const old = await redis.zrangebyscore(keys.history, '-inf', clock.now() - HISTORY_AGE_S * 1_000, 'LIMIT', 0, SLICE)
    const entries = excess > old.length ? await redis.zrange(keys.history, 0, Math.min(SLICE, excess) - 1) : old
    await drop(entries)
    removed = entries.length
  }
  const ids = await redis.hkeys(keys.heard)
  for (let first = 0; first < ids.length; first += SCHEDULES_AT_ONCE) {
    const slice = ids.slice(first, first + SCHEDULES_AT_ONCE)
    for (const [id, excess] of await excessOf(kernel, slice)) {
      const names = await redis.zrange(keys.order(id), 0, Math.min(SLICE, excess) - 1)
      await drop(names.map((name) => `${id} ${name}`))
    }
  }
}

/** Those that have more runs than are kept. */
const excessOf = async (kernel: Kernel, ids: readonly string[]): Promise<[id: string, excess: number][]> => {
  const keys = scheduleKeys(kernel)
  const pipeline = kernel.redis.pipeline()
  for (const id of ids) pipeline.zcard(keys.order(id))
  const counts = (await pipeline.exec()) ?? []
  return ids
    .map((id, index): [string, number] => [id, Number(counts[index]?.[1] ?? 0) - RUNS_KEPT])
    .filter(([, excess]) => excess > 0)
}
