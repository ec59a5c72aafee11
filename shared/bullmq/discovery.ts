// Finding queues: every BullMQ queue leaves a `meta` key, whoever made it; a walk in small steps finds them all. Of all processes one walks,
// and the others read what it found.
import { z } from 'zod'
import type { Kernel } from '../kernel/kernel.ts'
import { createHold } from '../kernel/lease.ts'
import { matcher } from './globs.ts'

/** Keys looked at in one step; Redis is held for well under a millisecond. */
const STEP = 500
const FRESH_MS = 5_000
/** How long a walk rests for each of its steps: however many keys there are, looking for queues takes Redis a fiftieth of
 *  its time at most, and a million keys are walked about once a minute. */
const REST_PER_STEP_MS = 25
/** A walk that was begun is waited for so long, in case whoever began it died. */
const WALKING_MS = 10_000
const LOOK_AGAIN_MS = 500

/** What a walk found, for other processes: every queue, whichever of them they attach to. */
const Found = z.object({ at: z.number(), restMs: z.number().max(3_600_000), names: z.array(z.string()) })
type Found = z.output<typeof Found>

/** What stands where walks are told of, if it is one. */
const parse = (text: string | null): Found | undefined => {
  try {
    return text === null ? undefined : Found.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

export interface Discovery {
  /** Walks the whole keyspace once and answers all queues, sorted. Calls made during a walk share it. */
  discover(): Promise<string[]>
  /** What the last walk of any process found, sorted; another walk begins in the background when that is 5 s old, or longer ago
   *  in a Redis of very many keys. Waits for the very first one only. */
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
  /** When this process looks again. */
  let dueAt = Number.NEGATIVE_INFINITY
  const foundKey = kernel.key('found', kernel.bullPrefix)
  const turn = createHold(kernel.redis, kernel.key('found', kernel.bullPrefix, 'walking'), WALKING_MS)
  /** Whether anybody's walk is known: what is ours is not all there is. */
  let hasFound = false
  /** Queues that were asked for, and when: a walk that was told before does not have them yet. */
  const met = new Map<string, number>()
  const keep = (found: Set<string>): void => {
    names = found
    sorted = [...found].sort()
  }
  const nameOf = (key: string): string | undefined => {
    const name = key.slice(start.length, -':meta'.length)
    return name !== '' && !name.includes(':') ? name : undefined
  }
  const take = ({ at, restMs, names: found }: Found): string[] => {
    for (const [queue, since] of met) if (since < at) met.delete(queue)
    keep(new Set([...found.filter(attached), ...own, ...met.keys()]))
    hasFound = true
    dueAt = at + restMs
    return [...sorted]
  }
  const walkAll = async (): Promise<string[]> => {
    const at = kernel.clock.now()
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
    const restMs = Math.max(FRESH_MS, steps * REST_PER_STEP_MS)
    const told = { at, restMs, names: [...found] }
    // In a Redis that takes no writes each process walks for itself.
    const telling = kernel.redis.set(foundKey, JSON.stringify(told), 'PX', restMs * 2)
    await Promise.allSettled([telling, turn.release()])
    return take(told)
  }
  const discover = (): Promise<string[]> =>
    (walk ??= walkAll().finally(() => {
      walk = undefined
    }))
  /** What another process found, unless that is too old, or its clock is another. */
  const readFound = async (): Promise<Found | undefined> => {
    const told = parse(await kernel.redis.get(foundKey))
    return told && Math.abs(kernel.clock.now() - told.at) < told.restMs ? told : undefined
  }
  const lookNow = async (): Promise<string[]> => {
    if (walk) return walk
    const told = await readFound()
    if (told) return take(told)
    // Where no turn can be taken, a walk shows whether Redis is there at all.
    if (!hasFound || (await turn.acquire().catch(() => true))) return discover()
    // Somebody walks; what is known serves meanwhile.
    dueAt = kernel.clock.now() + LOOK_AGAIN_MS
    return [...sorted]
  }
  let looking: Promise<string[]> | undefined
  const look = (): Promise<string[]> =>
    (looking ??= lookNow().finally(() => {
      looking = undefined
    }))
  const isDue = (): boolean => kernel.clock.now() >= dueAt
  return {
    discover,
    async current() {
      if (!hasFound) return look()
      // A failed walk leaves the list as it is; the next call tries again.
      if (isDue()) look().catch(() => undefined)
      return sorted
    },
    fresh: async () => (isDue() ? look() : sorted),
    known: () => sorted,
    async exists(queue) {
      if (names.has(queue)) return true
      const there = attached(queue) && (await kernel.redis.exists(`${start}${queue}:meta`)) === 1
      if (there) {
        met.set(queue, kernel.clock.now())
        keep(new Set([...names, queue]))
      }
      return there
    },
    add(queue) {
      own.add(queue)
      if (!names.has(queue)) keep(new Set([...names, queue]))
    },
  }
}
