// Jobs that wait, run or are delayed in some queues: of each line some are read, those that come next where there is an order.
import type { Bull, JobField, RawJob } from '../bullmq/bullmq.ts'
import type { Kernel } from '../kernel/kernel.ts'

/** A job, and where it was met. */
export interface Met {
  readonly job: RawJob
  readonly line: 'waiting' | 'running' | 'delayed'
}

const FIELDS: readonly JobField[] = ['name', 'opts', 'timestamp', 'ats', 'k1nPark', 'parentKey']
/** Jobs that are read of all lines together, and of one line at least. */
const LOOK = 1_000
const LEAST = 20
const LINES = ['running', 'waiting', 'waiting', 'delayed'] as const

/** Each job once. One pipeline for the ids, and one for what of the jobs is needed. */
export const readLines = async (kernel: Kernel, bull: Bull, queues: readonly string[]): Promise<Met[]> => {
  if (queues.length === 0) return []
  const share = Math.max(LEAST, Math.floor(LOOK / (queues.length * LINES.length)))
  const pipeline = kernel.redis.pipeline()
  for (const keys of queues.map((queue) => bull.keys(queue)))
    pipeline
      .lrange(keys.active, 0, share - 1)
      .lrange(keys.wait, -share, -1)
      .zrange(keys.prioritized, 0, share - 1)
      .zrange(keys.delayed, 0, share - 1)
  const replies = (await pipeline.exec()) ?? []
  const ids = queues.flatMap((queue, at) =>
    LINES.flatMap((line, n) => {
      const [error, found] = replies[at * LINES.length + n] ?? []
      if (error && !error.message.startsWith('WRONGTYPE')) throw error
      return error ? [] : (found as string[]).map((id) => ({ queue, id, line }))
    }),
  )
  const jobs = await bull.readRaw(ids, FIELDS)
  return ids.flatMap(({ line }, at) => {
    const job = jobs[at]
    return job === undefined ? [] : [{ job, line }]
  })
}
