// The history of schedules: how much of it is kept.
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import { HISTORY_AGE_S, scheduleKeys } from './keys.ts'
import type { RunEnd } from './run-end.ts'

/** Runs kept of one schedule, and of all. */
export const RUNS_KEPT = 1_000
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
    for (const { id, runs, fields } of await sizesOf(kernel, ids.slice(first, first + SCHEDULES_AT_ONCE))) {
      const excess = Math.min(SLICE, runs - RUNS_KEPT)
      const names = excess > 0 ? await redis.zrange(keys.order(id), 0, excess - 1) : []
      await drop(names.map((name) => `${id} ${name}`))
      if (fields > runs * FIELDS_OF_RUN) await sweep(kernel, id)
    }
  }
}

/** What set a run off, its beginning and its end. */
const FIELDS_OF_RUN = 3

interface Size {
  readonly id: string
  readonly runs: number
  readonly fields: number
}

const sizesOf = async (kernel: Kernel, ids: readonly string[]): Promise<Size[]> => {
  const keys = scheduleKeys(kernel)
  const pipeline = kernel.redis.pipeline()
  for (const id of ids) pipeline.zcard(keys.order(id)).hlen(keys.runs(id))
  const counts = (await pipeline.exec()) ?? []
  const count = (index: number): number => Number(counts[index]?.[1] ?? 0)
  return ids.map((id, index) => ({ id, runs: count(2 * index), fields: count(2 * index + 1) }))
}

/** A run that is no older may be one whose job began before it was told of. */
const STRAY_AGE_MS = 86_400_000

/** Removes beginnings and ends of runs that were trimmed before their jobs had ended. */
const sweep = async (kernel: Kernel, id: string): Promise<void> => {
  const { redis, clock } = kernel
  const keys = scheduleKeys(kernel)
  const [order, runs] = [keys.order(id), keys.runs(id)]
  const old = clock.now() - STRAY_AGE_MS
  for (let cursor = ''; cursor !== '0';) {
    const [next, flat] = await redis.hscan(runs, cursor || '0', 'COUNT', SLICE)
    const parts = Array.from({ length: flat.length / 2 }, (_, n) => partOf(flat[2 * n], flat[2 * n + 1]))
    const aged = parts.filter(({ at }) => at < old)
    const scores = aged.length === 0 ? [] : await redis.zmscore(order, ...aged.map(({ run }) => run))
    const strays = aged.filter((_part, n) => scores[n] === null).map(({ field }) => field)
    if (strays.length > 0) await redis.hdel(runs, ...strays)
    cursor = next
  }
}

/** A field of the history, and when what it tells of was. */
const partOf = (field = '', text = ''): { field: string; run: string; at: number } => {
  const [run = '', part] = field.split(':')
  const at = part === 'began' ? Number(text) : part === 'ended' ? (JSON.parse(text) as RunEnd).finished_at : Infinity
  return { field, run, at }
}
