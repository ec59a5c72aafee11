// Finding queues: every BullMQ queue leaves a `meta` key, whoever made it; a walk in small steps finds them all.
import type { Kernel } from '../kernel/kernel.ts'
import { matcher } from './globs.ts'

/** Keys looked at in one step; Redis is held for well under a millisecond. */
const STEP = 500
const FRESH_MS = 5_000
/** How long a walk rests for each of its steps: however many keys there are, looking for queues takes Redis a fiftieth of
 *  its time at most, and a million keys are walked about once a minute. */
const REST_PER_STEP_MS = 25

export interface Discovery {
  /** Walks the whole keyspace once and answers all queues, sorted. Calls made during a walk share it. */
  discover(): Promise<string[]>
  /** What the last walk found, sorted; another walk begins in the background when that is 5 s old, or longer ago in a
   *  Redis of very many keys. Waits for the very first one only. */
  current(): Promise<readonly string[]>
  /** The same, but waits for a walk that is due. */
  fresh(): Promise<readonly string[]>
  /** What has been found so far, sorted. */
  known(): readonly string[]
  /** Whether a queue exists and is attached to; one that is not known yet is asked for. */
  exists(queue: string): Promise<boolean>
  /** Adds a queue that is known otherwise, because it is ours or was just used. */
  add(queue: string): void
}

export const createDiscovery = (kernel: Kernel): Discovery => {
  const attached = matcher(kernel.settings.K1N_QUEUES)
  const start = `${kernel.bullPrefix}:`
  const own = new Set<string>()
  let names = new Set<string>()
  let sorted: readonly string[] = []
  let walk: Promise<string[]> | undefined
  let walkedAt: number | undefined
  let restMs = FRESH_MS
  const keep = (found: Set<string>): void => {
    names = found
    sorted = [...found].sort()
  }
  const nameOf = (key: string): string | undefined => {
    const name = key.slice(start.length, -':meta'.length)
    return name !== '' && !name.includes(':') && attached(name) ? name : undefined
  }
  const walkAll = async (): Promise<string[]> => {
    const found = new Set<string>()
    let cursor = '0'
    let steps = 0
    do {
      steps++
      const [next, keys] = await kernel.redis.scan(cursor, 'MATCH', `${start}*:meta`, 'COUNT', STEP, 'TYPE', 'hash')
      for (const key of keys) {
        const name = nameOf(key)
        if (name) found.add(name)
      }
      cursor = next
    } while (cursor !== '0')
    keep(new Set([...found, ...own]))
    walkedAt = kernel.clock.now()
    restMs = Math.max(FRESH_MS, steps * REST_PER_STEP_MS)
    return [...sorted]
  }
  const discover = (): Promise<string[]> =>
    (walk ??= walkAll().finally(() => {
      walk = undefined
    }))
  const isDue = (): boolean => walkedAt === undefined || kernel.clock.now() - walkedAt >= restMs
  return {
    discover,
    async current() {
      if (walkedAt === undefined) return discover()
      // A failed walk leaves the list as it is; the next call tries again.
      if (isDue()) discover().catch(() => undefined)
      return sorted
    },
    fresh: async () => (isDue() ? discover() : sorted),
    known: () => sorted,
    async exists(queue) {
      if (names.has(queue)) return true
      const there = attached(queue) && (await kernel.redis.exists(`${start}${queue}:meta`)) === 1
      if (there) keep(new Set([...names, queue]))
      return there
    },
    add(queue) {
      own.add(queue)
      if (!names.has(queue)) keep(new Set([...names, queue]))
    },
  }
}
