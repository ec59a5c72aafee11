// Retries that somebody forced: a mark in the hash of the job lets its next attempt through although the breaker is open.
import type { Attempt } from '../shared/attempts/attempts.ts'
import type { Bull } from '../shared/bullmq/bullmq.ts'
import type { Kernel } from '../shared/kernel/kernel.ts'
import { FORCED } from '../shared/retries/force.ts'

/** Answers whether a job has the mark, and takes it off. It is read only of jobs that are refused, and not of those that
 *  start for the first time: nobody can have tried them again. */
export const createForce =
  ({ redis }: Kernel, bull: Bull) =>
  async ({ job: { queue, id, starts } }: Attempt): Promise<boolean> => {
    if (starts <= 1) return false
    const hash = bull.keys(queue).job(id)
    // Whoever takes it off has it: a job that is run twice is forced once.
    return (await redis.hexists(hash, FORCED)) === 1 && (await redis.hdel(hash, FORCED)) === 1
  }
