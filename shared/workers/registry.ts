// Who works: every worker process tells that it lives, and whoever watched one end tells how.
import { z } from 'zod'
import type { Kernel } from '../kernel/kernel.ts'

/** What a process tells of itself with each beat. Times are epoch milliseconds. */
export const WorkerInfo = z.object({
  id: z.string(),
  host: z.string(),
  pid: z.int(),
  /** Of its handlers. */
  version: z.string().default('unknown'),
  /** Jobs it runs at once, by queue. */
  slots: z.record(z.string(), z.int()),
  /** Names of jobs it has a handler for; absent from workers of older versions. */
  names: z.array(z.string()).optional(),
  /** Jobs it runs now. */
  running: z.int(),
  started_at: z.number(),
  last_seen_at: z.number(),
  last_fetch_at: z.number().nullable(),
  rss_bytes: z.number(),
  /** ms by which its timers were late, 99 of 100, since the last beat. */
  event_loop_lag_ms: z.number().default(0),
  /** `paused`: it was told to fetch no more. `stopping`: it ends when its jobs have. */
  state: z.enum(['running', 'paused', 'stopping']).default('running'),
  /** What it runs, the longest first, a hundred at most. */
  active: z
    .array(z.object({ queue: z.string(), id: z.string(), name: z.string(), started_at: z.number() }))
    .default([]),
})
export type WorkerInfo = z.output<typeof WorkerInfo>

/** How a process ended. `by_itself`: nobody outside ended it, so what it was running is under suspicion. */
export const Exit = z.object({
  exit: z.string(),
  by_itself: z.boolean(),
  at: z.number(),
})
export type Exit = z.output<typeof Exit>

export interface Registry {
  beat(info: z.input<typeof WorkerInfo>): Promise<void>
  /** Processes that beat within the last 15 s, oldest first. */
  list(): Promise<WorkerInfo[]>
  /** One that beats. */
  find(id: string): Promise<WorkerInfo | undefined>
  /** Those that stopped beating within the last minutes, and of whom nobody said that they ended, as they were last. */
  silent(): Promise<WorkerInfo[]>
  /** Both at one moment, so that nobody who falls silent meanwhile is in both or in neither. */
  everyone(): Promise<{ alive: WorkerInfo[]; silent: WorkerInfo[] }>
  /** Keeps how a process ended for 30 days and takes it off the list. */
  ended(id: string, exit: Exit): Promise<void>
  /** When a process was last heard of, as far as the last minutes tell, and how it ended. */
  about(id: string): Promise<{ seenAt: number | undefined; exit: Exit | undefined }>
  /** Undefined while it lives, and for one whose end nobody saw. */
  howEnded(id: string): Promise<Exit | undefined>
}

/** ms between beats, and how long one counts. */
export const BEAT_EVERY_MS = 5_000
const LIFE_MS = 15_000
/** How long one is remembered that went without a word. */
const SILENCE_MS = 10 * LIFE_MS
const MEMORY_MS = 30 * 86_400_000

/** The name of a worker process; BullMQ stores it with each job the process takes. */
export const workerId = (host: string, pid: number, random: string): string =>
  `w_${host.replaceAll(/[^A-Za-z0-9.-]/g, '-').slice(0, 64)}-${pid}-${random}`

const parse = (text: string | null): WorkerInfo | undefined => {
  if (text === null) return undefined
  const parsed = WorkerInfo.safeParse(JSON.parse(text))
  return parsed.success ? parsed.data : undefined
}

const oldestFirst = (texts: (string | null)[]): WorkerInfo[] =>
  texts.flatMap((text) => parse(text) ?? []).sort((a, b) => a.started_at - b.started_at)

export const createRegistry = (kernel: Kernel): Registry => {
  const seen = kernel.key('workers', 'seen')
  const infoKey = (id: string): string => kernel.key('workers', 'info', id)
  const lastKey = (id: string): string => kernel.key('workers', 'last', id)
  const endKey = (id: string): string => kernel.key('workers', 'ended', id)
  const howEnded: Registry['howEnded'] = async (id) => {
    const text = await kernel.redis.get(endKey(id))
    return text === null ? undefined : Exit.parse(JSON.parse(text))
  }
  const everyone: Registry['everyone'] = async () => {
    const ids = await kernel.redis.zrange(seen, 0, -1)
    if (ids.length === 0) return { alive: [], silent: [] }
    const texts = await kernel.redis.mget([...ids.map(infoKey), ...ids.map(lastKey)])
    const [now, last] = [texts.slice(0, ids.length), texts.slice(ids.length)]
    return {
      alive: oldestFirst(now),
      silent: last.flatMap((text, index) => (now[index] === null ? (parse(text) ?? []) : [])),
    }
  }
  /** Who was there at the last look, and mostly is at the next: what they tell is asked for together with who is there. */
  let lately: readonly string[] = []
  const tellsOf = async (ids: readonly string[]): Promise<(string | null)[]> =>
    ids.length === 0 ? [] : kernel.redis.mget(ids.map(infoKey))
  return {
    async beat(info) {
      await kernel.redis
        .pipeline()
        .zadd(seen, info.last_seen_at, info.id)
        .set(infoKey(info.id), JSON.stringify(info), 'PX', LIFE_MS)
        .set(lastKey(info.id), JSON.stringify(info), 'PX', SILENCE_MS)
        // Those that went without a word; their own keys have gone by themselves.
        .zremrangebyscore(seen, '-inf', info.last_seen_at - SILENCE_MS)
        .exec()
    },
    async list() {
      const guessed = lately
      const [ids, words] = await Promise.all([kernel.redis.zrange(seen, 0, -1), tellsOf(guessed)])
      lately = ids
      const known = new Map(guessed.map((id, index) => [id, words[index] ?? null]))
      const others = await tellsOf(ids.filter((id) => !known.has(id)))
      return oldestFirst([...ids.flatMap((id) => known.get(id) ?? []), ...others])
    },
    find: async (id) => parse(await kernel.redis.get(infoKey(id))),
    silent: async () => (await everyone()).silent,
    everyone,
    async ended(id, exit) {
      await kernel.redis
        .multi()
        .set(endKey(id), JSON.stringify(exit), 'PX', MEMORY_MS)
        .zrem(seen, id)
        .del(infoKey(id), lastKey(id))
        .exec()
    },
    howEnded,
    async about(id) {
      const [seenAt, exit] = await Promise.all([kernel.redis.zscore(seen, id), howEnded(id)])
      return { seenAt: seenAt === null ? undefined : Number(seenAt), exit }
    },
  }
}
