// The last step: writes down what BullMQ does not tell. A success writes nothing.
import type { Bull } from '../bullmq/bullmq.ts'
import type { Catalog } from '../catalog/kind.ts'
import { EXPIRED } from '../jobs/expired.ts'
import { judgedText } from '../jobs/error.ts'
import type { JobError } from '../jobs/words.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { workerVersion } from '../workers/version.ts'
import type { Attempt, Verdict } from './attempt.ts'
import { FANNED_OUT, addChildren } from './children.ts'
import { appendAttempt } from './facts.ts'
import type { AttemptFact } from './facts.ts'
import { markJob } from './mark.ts'

export interface Reporter {
  kernel: Kernel
  bull: Bull
  catalog: Catalog
  workerId: string
}

/** Makes a verdict known before BullMQ hears it: who sees the job's new state can see why. */
export const report =
  ({ kernel, bull, catalog, workerId }: Reporter) =>
  async (attempt: Attempt, verdict: Verdict): Promise<void> => {
    const version = workerVersion(kernel.settings)
    const { job } = attempt
    const append = (more: Partial<AttemptFact>) =>
      appendAttempt(kernel, { ...factOf(attempt, workerId, kernel.clock.now()), ...more })
    const hash = bull.keys(job.queue).job(job.id)
    const put = (fields: Record<string, string>, off?: string) => markJob(kernel, hash, fields, off)
    const judged = (error: JobError) => ({ k1nError: judgedText(attempt.number, error, version) })
    switch (verdict.say) {
      case 'complete':
      case 'let_go':
        return
      case 'retry':
        await Promise.all([
          append({ outcome: 'retrying', delay_ms: verdict.delayMs, error: verdict.error }),
          put(judged(verdict.error), FANNED_OUT),
        ])
        return
      case 'die':
        await Promise.all([
          append({ outcome: 'failed', error: verdict.error, reason: verdict.reason }),
          put({ k1nReason: verdict.reason, ...judged(verdict.error) }, FANNED_OUT),
        ])
        return
      case 'cancel':
        await Promise.all([
          append({ outcome: 'cancelled', error: cancelled(verdict.reason), reason: verdict.reason }),
          put({ k1nCancelled: verdict.reason, ...judged(cancelled(verdict.reason)) }),
        ])
        return
      case 'expire':
        // Nothing of it was attempted.
        return put({ k1nCancelled: EXPIRED })
      case 'snooze':
        return append({ outcome: 'snoozed', delay_ms: verdict.delayMs, reason: verdict.reason })
      case 'put_back':
        return append({ outcome: 'snoozed', reason: verdict.reason })
      case 'park':
        // The mark of a parked job rides on the call that moves it.
        return verdict.reason === undefined ? undefined : append({ outcome: 'snoozed', reason: verdict.reason })
      case 'wait_for_children':
        await addChildren(kernel.redis, bull, catalog, job, verdict.children)
        await put({ [FANNED_OUT]: String(job.attemptsMade) })
        return
      default:
        verdict satisfies never
    }
  }

const cancelled = (reason: string): JobError => ({ name: 'Cancelled', message: reason, class: 'permanent' })

const factOf = ({ job, number, maxAttempts, policy }: Attempt, workerId: string, now: number): AttemptFact => ({
  queue: job.queue,
  id: job.id,
  name: job.name,
  attempt: number,
  max_attempts: maxAttempts,
  started_at: job.startedAt,
  finished_at: Math.max(now, job.startedAt),
  wait_ms: waited(job),
  outcome: 'failed',
  delay_ms: 0,
  strategy: policy().backoff.type,
  worker_id: workerId,
  priority: job.priority,
})

/** How long a job waited for its first start; later ones begin when a delay ends, which BullMQ does not keep. */
const waited = ({ starts, startedAt, addedAt, opts }: Attempt['job']): number => {
  const delay = typeof opts['delay'] === 'number' ? opts['delay'] : 0
  return starts > 1 ? 0 : Math.max(0, startedAt - addedAt - delay)
}
