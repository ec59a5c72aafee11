// How long the next job of a queue has waited: the measure of a queue that is not worked off.
import type { Bull } from '../bullmq/bullmq.ts'
import type { Kernel } from '../kernel/kernel.ts'

/** ms since the job at the head of each line was made; queues with nothing waiting are left out. The line without
 *  priorities is first in, first out, so its head is its oldest; of prioritized ones the next to run is taken. */
export const oldestWaiting = async (
  kernel: Kernel,
  bull: Bull,
  queues: readonly string[],
): Promise<Map<string, number>> => {
  const heads = await headsOf(kernel, bull, queues)
  const jobs = await bull.readRaw(heads, ['name', 'timestamp', 'delay'])
  const now = kernel.clock.now()
  const oldest = new Map<string, number>()
  heads.forEach(({ queue }, index) => {
    const job = jobs[index]
    if (job) oldest.set(queue, Math.max(oldest.get(queue) ?? 0, now - job.timestamp - job.delay, 0))
  })
  return oldest
}

const headsOf = async (
  kernel: Kernel,
  bull: Bull,
  queues: readonly string[],
): Promise<{ queue: string; id: string }[]> => {
  if (queues.length === 0) return []
  const pipeline = kernel.redis.pipeline()
  for (const { wait, legacyPaused, prioritized } of queues.map((queue) => bull.keys(queue)))
    pipeline.lindex(wait, -1).lindex(legacyPaused, -1).zrange(prioritized, 0, 0)
  const replies = (await pipeline.exec()) ?? []
  return queues.flatMap((queue, index) =>
    replies.slice(index * 3, index * 3 + 3).flatMap(([error, value]) => {
      if (error && !error.message.startsWith('WRONGTYPE')) throw error
      return error ? [] : [value].flat().flatMap((id) => (typeof id === 'string' ? [{ queue, id }] : []))
    }),
  )
}
