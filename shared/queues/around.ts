// What surrounds a job: how its queue stands, who works on it, and whether somebody stopped it.
import { z } from 'zod'
import type { Bull, CountsAndPause } from '../bullmq/bullmq.ts'
import { parseJson } from '../bullmq/raw-job.ts'
import { Instant } from '../jobs/words.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { readHeld } from '../services/held.ts'
import type { Held } from '../services/held.ts'

export const PauseRecord = z.object({
  reason: z.string().nullable(),
  by: z.string(),
  at: Instant,
  until: Instant.nullable().default(null),
})
export type PauseRecord = z.output<typeof PauseRecord>

export interface QueueAround {
  readonly counts: CountsAndPause
  readonly workers: number
  /** Who paused it and why; null where it runs or BullMQ's own API paused it. */
  readonly pause: PauseRecord | null
  /** What its workers stopped fetching for. */
  readonly held: Held | null
}

/** Hash of pause records, one field per queue. */
export const pauseKey = (kernel: Kernel): string => kernel.key('queues', 'pause')

/** Reads how queues stand, in two round trips whatever their number. `count` counts their jobs. */
export const readAround = async (
  kernel: Kernel,
  bull: Bull,
  queues: readonly string[],
  count: Bull['counts'] = (names) => bull.counts(names),
): Promise<Map<string, QueueAround>> => {
  if (queues.length === 0) return new Map()
  const [counts, workers, pauses, held] = await Promise.all([
    count(queues),
    bull.workers(queues),
    kernel.redis.hmget(pauseKey(kernel), ...queues),
    readHeld(kernel, queues),
  ])
  return new Map(
    queues.flatMap((queue, index) => {
      const count = counts.get(queue)
      if (!count) return []
      const record = count.paused ? PauseRecord.safeParse(parseJson(pauses[index])).data : undefined
      const pause = record ?? null
      return [
        [queue, { counts: count, workers: workers.get(queue) ?? 0, pause, held: held.get(queue) ?? null }] as const,
      ]
    }),
  )
}
