// Long work on a whole queue: what may be asked for, and the operations it becomes.
import type { z } from 'zod'
import type { Principal } from '../auth/contract.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { BulkResubmitParams } from '../dlq/contract.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { ValidationFailed } from '../kernel/problems.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import type { Operations } from '../operations/operations.ts'
import type { Operation } from '../operations/words.ts'
import { QueueBusy, QueueObserved, QueueReserved } from './problems.ts'
import type {
  CleanRequest,
  DrainRequest,
  ObliterateRequest,
  PromoteAllRequest,
  RetryAllRequest,
} from './work-contract.ts'

interface Asked {
  idempotencyKey?: string | undefined
}
type Ask<Schema extends z.ZodType> = (
  principal: Principal,
  queue: string,
  request: z.output<Schema>,
  asked?: Asked,
) => Promise<Operation>

/** Each answers an operation that has begun. Problem of all: `queue-not-found`. */
export interface QueueWork {
  /** Removes what waits. Problems: `queue-reserved`, `queue-observed`. */
  drain: Ask<typeof DrainRequest>
  /** Removes old jobs of one state. Problems: `queue-reserved` for states of jobs that have not ended, `queue-observed`. */
  clean: Ask<typeof CleanRequest>
  /** Does away with the queue. Problems: `queue-reserved`, `queue-observed`, `queue-busy`, `validation-failed`. */
  obliterate: Ask<typeof ObliterateRequest>
  retryAll: Ask<typeof RetryAllRequest>
  promoteAll: Ask<typeof PromoteAllRequest>
}

interface Needs {
  bull: Bull
  operations: Operations
  /** The name, when there is such a queue and the principal may use it. */
  existing: (principal: Principal, name: string) => Promise<string>
}

export const createQueueWork = (kernel: Kernel, { bull, operations, existing }: Needs): QueueWork => {
  const refuse = (name: string, verb: string): void => {
    refuseReserved(name, verb)
    refuseObserved(kernel, bull, name)
  }
  const refuseBusy = async (name: string): Promise<void> => {
    const active = (await bull.counts([name])).get(name)?.active ?? 0
    if (active > 0)
      throw QueueBusy(`${active} jobs of ${name} are running. Pause it and wait for them, or ask with "force": true.`, {
        members: { active },
      })
  }
  const verbs: QueueWork = {
    async drain(principal, name, { rate_per_s: pace = null, ...params }, asked) {
      refuse(await existing(principal, name), 'drained')
      return operations.start(principal, { kind: 'queue.drain', params: { queue: name, ...params }, pace, ...asked })
    },
    async clean(principal, name, { rate_per_s: pace = null, ...params }, asked) {
      await existing(principal, name)
      if (params.state === 'completed' || params.state === 'failed') refuseObserved(kernel, bull, name)
      else refuse(name, `cleaned of ${params.state} jobs`)
      return operations.start(principal, { kind: 'queue.clean', params: { queue: name, ...params }, pace, ...asked })
    },
    async obliterate(principal, name, { rate_per_s: pace = null, confirm, force }, asked) {
      refuse(await existing(principal, name), 'obliterated')
      refuseOther(name, confirm)
      if (!force) await refuseBusy(name)
      return operations.start(principal, { kind: 'queue.obliterate', params: { queue: name, force }, pace, ...asked })
    },
    async retryAll(principal, name, { rate_per_s: pace = null, state, before, limit }, asked) {
      await existing(principal, name)
      const now = kernel.clock.now()
      if (state === 'failed') {
        const filter = { queue: [name], ...(before === undefined ? {} : { to: before }) }
        const params = BulkResubmitParams.parse({ filter, limit, ladder: null })
        return operations.start(principal, { kind: 'dlq.resubmit', params, pace, ...asked })
      }
      const params = {
        queue: name,
        limit,
        before: Math.min(now + 1, before === undefined ? now + 1 : Date.parse(before)),
      }
      return operations.start(principal, { kind: 'queue.retry', params, pace, ...asked })
    },
    async promoteAll(principal, name, { rate_per_s: pace = null, limit }, asked) {
      await existing(principal, name)
      return operations.start(principal, { kind: 'queue.promote', params: { queue: name, limit }, pace, ...asked })
    },
  }
  return {
    drain: (...args) => guardRedis(verbs.drain(...args)),
    clean: (...args) => guardRedis(verbs.clean(...args)),
    obliterate: (...args) => guardRedis(verbs.obliterate(...args)),
    retryAll: (...args) => guardRedis(verbs.retryAll(...args)),
    promoteAll: (...args) => guardRedis(verbs.promoteAll(...args)),
  }
}

/** Queues that k1n itself works with. */
const RESERVED = 'k1n-'

const refuseReserved = (name: string, verb: string): void => {
  if (!name.startsWith(RESERVED)) return
  throw QueueReserved(
    `${name} holds work that k1n itself has begun, such as operations, deliveries or ticks of schedules; were it ${verb}, that ` +
      'work would be lost without a word. Cancel the operation or disable the webhook or schedule whose jobs you want to be rid of.',
  )
}

/** What somebody else owns is left alone where that was asked for. */
export const refuseObserved = (kernel: Kernel, bull: Bull, name: string): void => {
  if (kernel.settings.K1N_ATTACH !== 'observe' || bull.isOwn(name)) return
  throw QueueObserved(
    `${name} is another service's, and K1N_ATTACH=observe leaves those as they are; set it to \`own\` to tidy them from here.`,
  )
}

const refuseOther = (name: string, confirm: string): void => {
  if (confirm === name) return
  throw ValidationFailed('The queue is not confirmed.', {
    errors: [{ pointer: '#/confirm', code: 'custom', detail: `must be the name of the queue, ${name}` }],
  })
}
