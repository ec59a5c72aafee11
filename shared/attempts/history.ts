// Every attempt of a job: what was recorded of those that failed, and the one the job's own hash tells.
import type { Bull, RawJob, BullState } from '../bullmq/bullmq.ts'
import { toIso } from '../kernel/clock.ts'
import type { Address } from '../kernel/ids.ts'
import { formatAddress } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { Attempt } from './contract.ts'
import { historyKey } from './history-key.ts'

export interface History {
  /** Attempts in the order they ran; empty for a job that never ran or does not exist. */
  list(address: Address): Promise<Attempt[]>
}

export const createHistory = (kernel: Kernel, bull: Bull): History => ({
  async list(address) {
    const [stored, [stated]] = await Promise.all([
      kernel.redis.hvals(historyKey(kernel, formatAddress(address))),
      bull.readStated(
        [address],
        ['name', 'timestamp', 'atm', 'ats', 'processedOn', 'finishedOn', 'pb', 'k1nCancelled'],
      ),
    ])
    const recorded = stored.flatMap((text) => Attempt.safeParse(JSON.parse(text)).data ?? [])
    const own = stated ? lastAttempt(stated.job, stated.state, recorded) : undefined
    return [...recorded, ...(own ? [own] : [])].sort((a, b) => when(a) - when(b) || a.attempt - b.attempt)
  },
})

const when = (attempt: Attempt): number => Date.parse(attempt.started_at ?? attempt.finished_at ?? '') || 0

/** The attempt that runs, or the one that completed: neither writes a record of its own. */
const lastAttempt = (job: RawJob, state: BullState, recorded: readonly Attempt[]): Attempt | undefined => {
  if (job.processedOn === undefined) return undefined
  const running = state === 'active'
  const attempt = Math.max(1, running ? job.attemptsMade + 1 : job.attemptsMade)
  const known = recorded.some((other) => other.attempt === attempt && when(other) >= (job.processedOn ?? 0) - 1_000)
  if (known || (!running && state !== 'completed' && job.cancelled === undefined)) return undefined
  const finishedOn = running ? undefined : job.finishedOn
  return {
    attempt,
    started_at: toIso(job.processedOn),
    finished_at: finishedOn === undefined ? null : toIso(finishedOn),
    duration_ms: finishedOn === undefined ? null : Math.max(0, finishedOn - job.processedOn),
    outcome: running ? null : job.cancelled === undefined ? 'completed' : 'cancelled',
    delay_ms: null,
    worker_id: job.processedBy ?? null,
    inferred: !(job.processedBy?.startsWith('w_') ?? false),
  }
}
