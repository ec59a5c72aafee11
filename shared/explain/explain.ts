// Explain: why a job is not running, that it runs, or how it ended; also of jobs that are gone, as far as they are known.
import type { Principal } from '../auth/contract.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { JobMissing } from '../jobs/problems.ts'
import { recentJobsKey } from '../jobs/recent.ts'
import { toIso } from '../kernel/clock.ts'
import { formatAddress, parseAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { isProblem } from '../kernel/problem.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import type { Explanation } from './contract.ts'
import type { Facts } from './facts.ts'
import { explain } from './policy.ts'
import { readFacts } from './read.ts'
import type { ExplainNeeds } from './read.ts'
import { evidence, moment, reason } from './say.ts'

export interface Explain {
  /** Problems: `task-not-found`, `ambiguous-task-id`. */
  show(principal: Principal, taskId: string, queue?: string): Promise<Explanation>
}

export interface ExplainParts extends ExplainNeeds {
  jobs: Pick<Jobs, 'locate' | 'show'>
}

export const createExplain = (kernel: Kernel, { jobs, ...needs }: ExplainParts): Explain => ({
  async show(principal, taskId, queue) {
    try {
      const address = await jobs.locate(principal, taskId, queue)
      const facts = await guardRedis(readFacts(kernel, needs, address), 'read')
      if (facts) return explained(address, facts)
      return takenOut(kernel, await jobs.show(principal, address))
    } catch (error) {
      if (!isProblem(error) || error.code !== JobMissing.code) throw error
      const removed = await guardRedis(findRemoved(kernel, principal, taskId, queue), 'read')
      if (!removed) throw error
      return removed
    }
  },
})

const explained = (address: Address, facts: Facts): Explanation => ({
  task_id: formatAddress(address),
  queue: address.queue,
  name: facts.stated.job.name,
  state: facts.state,
  ...explain(facts),
  at: toIso(facts.now),
})

const ended = (kernel: Kernel): Pick<Explanation, 'is' | 'estimate' | 'further' | 'at'> => ({
  is: 'ended',
  estimate: null,
  further: [],
  at: toIso(kernel.clock.now()),
})

/** A job that was cancelled before it started, or skipped, of which only our record is left. */
const takenOut = (kernel: Kernel, job: Awaited<ReturnType<Jobs['show']>>): Explanation => ({
  task_id: job.id,
  queue: job.queue,
  name: job.name,
  state: job.state,
  ...reason(
    job.state === 'skipped' ? 'skipped' : 'cancelled',
    job.why,
    evidence(['finished_at', job.state === 'skipped' ? 'Skipped' : 'Cancelled', 'instant', job.finished_at]),
  ),
  ...ended(kernel),
})

/** The list of the newest jobs still names one that BullMQ removed without a word, as it does with ended ones. */
const findRemoved = async (
  kernel: Kernel,
  principal: Principal,
  taskId: string,
  queue: string | undefined,
): Promise<Explanation | undefined> => {
  const address = queue === undefined ? parseAddress(taskId) : { queue, id: taskId.replace(`${queue}:`, '') }
  if (!address || !allowsQueue(principal, address.queue)) return undefined
  const added = await kernel.redis.zscore(recentJobsKey(kernel), formatAddress(address))
  if (added === null) return undefined
  return {
    task_id: formatAddress(address),
    queue: address.queue,
    name: null,
    state: 'unknown',
    ...reason(
      'removed',
      `Was added ${moment(toIso(Number(added)))} and is gone: ended jobs are removed by retention, or somebody removed it.`,
      evidence(['added_at', 'Added', 'instant', Number(added)]),
    ),
    ...ended(kernel),
  }
}
