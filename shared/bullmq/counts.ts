// How many jobs of each state queues hold, for all queues in one round trip.
import type { Kernel } from '../kernel/kernel.ts'
import type { QueueCounts } from '../queues/contract.ts'
import type { BullKeys } from './keys.ts'

export type CountsAndPause = QueueCounts & { paused: boolean }

const COMMANDS = 9

/** Reads the counts of many queues by one pipeline of O(1) commands. A key of the wrong type counts as empty. */
export const readCounts = async (
  kernel: Kernel,
  keysOf: (queue: string) => BullKeys,
  queues: readonly string[],
): Promise<Map<string, CountsAndPause>> => {
  if (queues.length === 0) return new Map()
  const pipeline = kernel.redis.pipeline()
  for (const keys of queues.map(keysOf))
    pipeline
      .llen(keys.wait)
      .llen(keys.legacyPaused)
      .zcard(keys.prioritized)
      .zcard(keys.delayed)
      .llen(keys.active)
      .zcard(keys.waitingChildren)
      .zcard(keys.completed)
      .zcard(keys.failed)
      .hexists(keys.meta, 'paused')
  const replies = (await pipeline.exec()) ?? []
  return new Map(
    queues.map((queue, index) => [queue, toCounts(replies.slice(index * COMMANDS, (index + 1) * COMMANDS))]),
  )
}

const toCounts = (replies: [Error | null, unknown][]): CountsAndPause => {
  const [
    wait = 0,
    legacy = 0,
    prioritized = 0,
    delayed = 0,
    active = 0,
    children = 0,
    completed = 0,
    failed = 0,
    paused = 0,
  ] = replies.map(([error, value]) => {
    if (error && !error.message.startsWith('WRONGTYPE')) throw error
    return error ? 0 : Number(value)
  })
  return {
    waiting: wait + legacy,
    prioritized,
    delayed,
    active,
    waiting_children: children,
    completed,
    failed,
    paused: paused === 1,
  }
}
