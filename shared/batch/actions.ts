// Asking for an action on all jobs that a filter means, and what it would be about.
import type { Principal } from '../auth/contract.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { formatAddress } from '../kernel/ids.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import type { Operations } from '../operations/operations.ts'
import type { Operation } from '../operations/words.ts'
import { actionKind } from './action-kinds.ts'
import { ActionParams, statesMeant } from './actions-contract.ts'
import type { ActionPreview, ActionRequest, JobAction } from './actions-contract.ts'
import type { ChosenJob, SelectJobs } from './select.ts'

export interface JobActions {
  /** How many match, and the first ten of them. */
  preview(principal: Principal, action: JobAction, request: ActionRequest): Promise<ActionPreview>
  start(principal: Principal, action: JobAction, request: ActionRequest, key?: string): Promise<Operation>
}

const SAMPLE = 10
/** A request must be answered; what was counted by then is told. */
const COUNT_MS = 2_000

export const createJobActions = (
  kernel: Kernel,
  { select, operations }: { select: SelectJobs; operations: Pick<Operations, 'start'> },
): JobActions => {
  const preview: JobActions['preview'] = async (principal, action, { filter, limit }) => {
    const until = kernel.clock.now()
    const sample: ChosenJob[] = []
    let matched = 0
    let complete = true
    for await (const slice of select(principal, { filter, limit, until, states: statesMeant(action, filter) })) {
      sample.push(...slice.slice(0, SAMPLE - sample.length))
      matched += slice.length
      if (kernel.clock.now() - until < COUNT_MS) continue
      complete = false
      break
    }
    return {
      matched,
      complete: complete && matched < limit,
      sample: sample.map(({ queue, id, name, state }) => ({
        task_id: formatAddress({ queue, id }),
        queue,
        name,
        state,
      })),
    }
  }
  return {
    preview: (...args) => guardRedis(preview(...args), 'read'),
    start(principal, action, { all: _all, dry_run: _dry, rate_per_s: pace = null, ...params }, idempotencyKey) {
      return operations.start(principal, {
        ...{ kind: actionKind(action), params: ActionParams.parse(params), pace, idempotencyKey },
      })
    },
  }
}
