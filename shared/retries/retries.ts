// Retries of one job: every attempt it had, when it is tried next, and trying it now.
import type { z } from 'zod'
import { policyOf } from '../attempts/terms.ts'
import type { History } from '../attempts/history.ts'
import type { Principal } from '../auth/contract.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { FIELDS_WITH_STACK } from '../bullmq/raw-job.ts'
import { findKind } from '../catalog/catalog.ts'
import type { Catalog } from '../catalog/kind.ts'
import { dlqId } from '../dlq/id.ts'
import { errorOf } from '../jobs/error.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { stateOf } from '../jobs/state.ts'
import { JobMissing } from '../jobs/problems.ts'
import { toIso } from '../kernel/clock.ts'
import { formatAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import type { RetryAccepted, RetryRequest, RetryState } from './contract.ts'
import { RetryPolicy } from './words.ts'

export interface Retries {
  /** Problem: `task-not-found`. */
  show(address: Address): Promise<z.output<typeof RetryState>>
  /** Problems: `task-not-found`, `job-not-in-state`, `job-locked`. */
  retry(
    principal: Principal,
    address: Address,
    request: z.output<typeof RetryRequest>,
  ): Promise<z.output<typeof RetryAccepted>>
}

export interface RetriesNeeds {
  bull: Bull
  catalog: Catalog
  history: History
  jobs: Pick<Jobs, 'retry'>
}

const HISTORY_MAX = 50
/** What BullMQ does for a job of another service that names no backoff: it tries again at once. */
const atOnce = { retry: RetryPolicy.parse({ backoff: { type: 'fixed', delay_ms: 0, jitter: 'none' } }), timeoutMs: 0 }

export const createRetries = (kernel: Kernel, { bull, catalog, history, jobs }: RetriesNeeds): Retries => {
  const show = async (address: Address): Promise<z.output<typeof RetryState>> => {
    const [[stated], attempts] = await Promise.all([
      bull.readStated([address], FIELDS_WITH_STACK),
      history.list(address),
    ])
    if (!stated) throw JobMissing(`There is no job ${formatAddress(address)}, or it was removed.`)
    const { job, score } = stated
    const state = stateOf(stated)
    const kind = findKind(job.name, catalog)
    const policy = policyOf(job.opts, kind ?? atOnce)
    const error = state === 'completed' ? undefined : errorOf(job)
    return {
      task_id: formatAddress(address),
      queue: address.queue,
      name: job.name,
      state,
      attempts_made: job.attemptsMade,
      attempts_max: kind ? policy.attempts : job.attemptsMax,
      strategy: policy.backoff,
      next_retry_at: stated.state === 'delayed' && job.attemptsMade > 0 && score !== undefined ? toIso(score) : null,
      error_class: error?.class ?? null,
      last_error: error ?? null,
      history: attempts.slice(-HISTORY_MAX),
      ...(state === 'failed' ? { dlq_id: dlqId(address, job.finishedOn ?? score ?? 0) } : {}),
    }
  }
  return {
    show: (address) => guardRedis(show(address), 'read'),
    async retry(principal, address, request) {
      const terms = { resetAttempts: request.reset_attempts, delayMs: request.delay_ms }
      const job = await jobs.retry(principal, address, terms)
      return {
        task_id: job.id,
        queue: job.queue,
        state: job.state,
        attempt: job.attempts_made + 1,
        scheduled_for: job.run_at ?? toIso(kernel.clock.now()),
      }
    },
  }
}
