// Who works on which queue: BullMQ's workers name their blocking connections after their queue, whatever service they are of.
import type { Kernel } from '../kernel/kernel.ts'

/** The list is of the whole server, so it is asked for at most this often. */
const FRESH_MS = 5_000

export interface WorkerList {
  /** Workers that hold a connection to each queue; zero for none. */
  count(queues: readonly string[]): Promise<Map<string, number>>
}

export const createWorkerList = (kernel: Kernel): WorkerList => {
  let list: Promise<Map<string, number>> | undefined
  let readAt = -Infinity
  const read = async (): Promise<Map<string, number>> =>
    countByName((await kernel.redis.client('LIST')) as string, kernel.bullPrefix)
  const fresh = (): Promise<Map<string, number>> => {
    const now = kernel.clock.now()
    if (list === undefined || now - readAt >= FRESH_MS) {
      readAt = now
      list = read()
      list.catch(() => (list = undefined))
    }
    return list
  }
  return {
    async count(queues) {
      const byName = await fresh()
      return new Map(queues.map((queue) => [queue, byName.get(Buffer.from(queue).toString('base64')) ?? 0]))
    },
  }
}

/** Connection names are `<prefix>:<base64 of the queue>` and, for named workers, `:w:<name>` after it. */
const countByName = (clients: string, prefix: string): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const line of clients.split('\n')) {
    const name = / name=(\S+)/.exec(line)?.[1]
    if (!name?.startsWith(`${prefix}:`)) continue
    const [queue = '', mark] = name.slice(prefix.length + 1).split(':')
    if (mark === undefined || mark === 'w') counts.set(queue, (counts.get(queue) ?? 0) + 1)
  }
  return counts
}
