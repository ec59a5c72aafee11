// Keeps completed jobs from filling Redis: by number and by age, in small steps. Dead letters are never touched.
import type { Bull } from '../shared/bullmq/bullmq.ts'
import type { Kernel } from '../shared/kernel/kernel.ts'
import { loop } from '../shared/kernel/service.ts'
import type { Service } from '../shared/kernel/service.ts'
import { readRetentions } from '../shared/queues/config.ts'
import type { Retention } from '../shared/queues/config.ts'

export interface RetentionOptions {
  /** Completed jobs a queue keeps; 100,000. */
  kept?: number | undefined
  /** ms a completed job is kept; seven days. */
  ageMs?: number | undefined
  /** ms between looks; 60,000. */
  everyMs?: number
}

/** Removed by one script of BullMQ's; more would hold up Redis. */
const SLICE = 1_000

/** Leaving it to BullMQ, as an option of each job, would cost every job two commands. */
export const createRetention = (
  kernel: Kernel,
  bull: Bull,
  queues: readonly string[],
  options: RetentionOptions = {},
): Service => {
  const { everyMs = 60_000 } = options
  const tidyOne = (queue: string, own: Retention | undefined, signal: AbortSignal): Promise<void> =>
    tidy(kernel, bull, queue, signal, termsOf(own, queues.includes(queue), options)).catch((error: unknown) =>
      kernel.log.warn('completed jobs could not be tidied', { queue, error }),
    )
  return loop('retention', async (signal) => {
    while (!signal.aborted) {
      await kernel.clock.sleep(everyMs, signal)
      const wished = await readRetentions(kernel).catch(() => new Map<string, Retention>())
      for (const queue of new Set([...queues, ...wished.keys()]))
        if (!signal.aborted) await tidyOne(queue, wished.get(queue), signal)
    }
  })
}

/** What somebody wished for the queue, else what is done with our own. */
const termsOf = (own: Retention | undefined, isOurs: boolean, options: RetentionOptions): RetentionOptions => {
  const { kept, ageMs } = isOurs ? options : { kept: Infinity, ageMs: Infinity }
  return {
    kept: own?.completed_count ?? kept,
    ageMs: own?.completed_age_ms ?? ageMs,
  }
}

/** Removes what is too much or too old, the oldest first; several processes may do so at once. */
export const tidy = async (
  kernel: Kernel,
  bull: Bull,
  queue: string,
  signal: AbortSignal,
  { kept = 100_000, ageMs = 7 * 86_400_000 }: RetentionOptions = {},
): Promise<void> => {
  const count = (): Promise<number> => kernel.redis.zcard(bull.keys(queue).completed)
  for (let excess = (await count()) - kept; excess > 0 && !signal.aborted; excess = (await count()) - kept) {
    const removed = await bull.queue(queue).clean(0, Math.min(SLICE, excess), 'completed')
    if (removed.length === 0) break
  }
  for (let removed = Number.isFinite(ageMs) ? SLICE : 0; removed === SLICE && !signal.aborted;)
    removed = (await bull.queue(queue).clean(ageMs, SLICE, 'completed')).length
}
