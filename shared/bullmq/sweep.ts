// Removing the jobs that stand in one place of a queue, slice by slice: BullMQ's own `drain`, `clean` and `obliterate` go through
// a whole queue in one script, and hold up Redis for seconds where there are many.
import type { Queue } from 'bullmq'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import type { BullKeys } from './keys.ts'

/** Where jobs stand, in BullMQ's words; `paused` is where BullMQ 5 put those of a paused queue. */
export const PLACES = {
  wait: 'list',
  paused: 'list',
  active: 'list',
  prioritized: 'set',
  delayed: 'set',
  completed: 'set',
  failed: 'set',
  'waiting-children': 'set',
} as const
export type Place = keyof typeof PLACES

export interface Sweep {
  place: Place
  /** Whose work it is: all that is removed under one mark is counted together, and kept for a day. */
  mark: string
  /** Jobs to look at, at most 250. */
  most: number
  /** Jobs at the front that were looked at and left. */
  passed: number
  /** Jobs to remove under the mark in all. */
  limit?: number | undefined
  /** Only those that were made (`made`) or ended (`ended`) by then. */
  until?: { is: 'made' | 'ended'; at: number } | undefined
  /** All of the queue goes: what has a worker, a schedule or a parent in the same queue is not spared. */
  hard?: boolean
}

export interface Swept {
  /** Under the mark, in all. */
  total: number
  removed: number
  /** Looked at and left where they are. */
  kept: number
  looked: number
}

const COUNTED_MS = 86_400_000
const sweepScript = script(new URL('./sweep.lua', import.meta.url))

const counterOf = ({ prefix }: BullKeys, mark: string): string => `${prefix}k1n-swept:${mark}`

/** Removes one slice; nothing is left to look at where fewer were looked at than asked for. */
export const sweep = async (kernel: Kernel, keys: BullKeys, queue: Queue, asked: Sweep): Promise<Swept> => {
  const { place, mark, most, passed, limit = '', until, hard = false } = asked
  const where = `${keys.prefix}${place}`
  const counter = counterOf(keys, mark)
  const [total, removed, kept, looked, ...left] = (await sweepScript(
    kernel.redis,
    [keys.prefix, where, keys.meta, keys.events, keys.schedulers, counter],
    [
      ...[place, PLACES[place], hard ? 1 : 0, passed, most, limit],
      ...[until?.at ?? '', until?.is === 'ended' ? 'score' : 'timestamp', COUNTED_MS],
    ],
  )) as [number, number, number, number, ...string[]]
  const told = await removeChildren(queue, left)
  const counted = told === 0 ? total : await kernel.redis.incrby(counter, told)
  if (told > 0) await kernel.redis.pexpire(counter, COUNTED_MS)
  return { total: counted, removed: removed + told, kept: kept - told, looked }
}

/** A parent that waits for such a child goes on without it; only BullMQ's own script does all of that. */
const removeChildren = async (queue: Queue, ids: readonly string[]): Promise<number> => {
  let removed = 0
  for (const id of ids) {
    const code = await queue.remove(id, { removeChildren: false }).catch((error: unknown) => {
      // One that has children of its own that it waits for, or is a scheduler's next, stays.
      if (typeof (error as { code?: unknown }).code === 'number') return 0
      throw error
    })
    if (code === 1) removed++
  }
  return removed
}

/** How many were removed under a mark. */
export const sweptBy = async (kernel: Kernel, keys: BullKeys, mark: string): Promise<number> =>
  Number((await kernel.redis.get(counterOf(keys, mark))) ?? 0)

/** Jobs that one step of BullMQ's own `obliterate` looks at. */
const REST_MOST = 500
/** Beyond so many steps somebody adds to the queue as fast as it goes. */
const REST_STEPS = 1_000

/** Takes away what a queue is beside its jobs: schedulers, settings, events, figures. The queue must be paused; jobs that came
 *  since go too. False when more came all the time. */
export const removeRest = async (kernel: Kernel, keys: BullKeys, queue: Queue, mark: string): Promise<boolean> => {
  // Its answer is 0 when nothing was left.
  const step = async (): Promise<number> => {
    if ((await kernel.redis.exists(keys.meta)) === 0) return 0
    return queue.getBackend().obliterate({ count: REST_MOST, force: true })
  }
  // BullMQ would free hundreds of thousands of events while everybody waits.
  await kernel.redis.unlink(keys.events)
  for (let steps = 0; (await step()) !== 0; steps++) if (steps === REST_STEPS) return false
  await kernel.redis.unlink(keys.limiter, keys.schedulers, keys.expiries, counterOf(keys, mark))
  return true
}
