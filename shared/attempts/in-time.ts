// A gate that lets nobody in whose time to start has passed.
import type { Bull } from '../bullmq/bullmq.ts'
import { expiryOf } from '../jobs/expired.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { passes } from './admit.ts'
import type { Admission, Gate } from './admit.ts'

/** A job of which an attempt has ended was started in time, and one that somebody gave another life shall run. */
export const createInTime =
  (kernel: Kernel, bull: Bull): Gate =>
  (attempt) => {
    const { job } = attempt
    const at = expiryOf(job.opts)
    if (at === undefined || job.attemptsMade > 0 || kernel.clock.now() < at) return passes
    return refuse(kernel, bull.keys(job.queue).job(job.id), at)
  }

const refuse = async ({ redis }: Kernel, hash: string, at: number): Promise<Admission> =>
  (await redis.hexists(hash, 'k1nLives')) === 1 ? passes : { admitted: false, outcome: { is: 'expired', at } }
