// An attempt, from its job to what becomes of it: begin → admit → perform → judge → report.
import type { Bull } from '../bullmq/bullmq.ts'
import type { AnyHandlers } from '../catalog/handler.ts'
import type { Catalog } from '../catalog/kind.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { admit } from './admit.ts'
import type { Gate } from './admit.ts'
import type { Assignment, Verdict } from './attempt.ts'
import { begin } from './begin.ts'
import { judge } from './judge.ts'
import { perform } from './perform.ts'
import { report } from './report.ts'

export { inTurn, passes } from './admit.ts'
export type { Gate, Admission } from './admit.ts'
export type { Assignment, Attempt, DeathReason, Outcome, Tools, Verdict } from './attempt.ts'
export { Cancelled, LockLost, Stopping, TimeoutError, Unworkable } from './ending.ts'

export interface AttemptsOptions {
  bull: Bull
  catalog: Catalog
  handlers: AnyHandlers
  workerId: string
  /** Decides whether an attempt may start now; everything may unless given. */
  gate?: Gate
}

export interface Attempts {
  /** Runs one attempt and answers what shall become of its job. What others cannot know is written down by then; telling
   *  the queue is the caller's. It throws only when Redis refuses a write. */
  run(job: Assignment): Promise<Verdict>
}

export const createAttempts = (kernel: Kernel, options: AttemptsOptions): Attempts => {
  const { catalog, handlers, gate } = options
  const steps = {
    begin: begin(catalog, handlers),
    admit: admit(gate),
    perform: perform(kernel.clock, catalog),
    judge: judge(kernel),
    report: report({ kernel, ...options }),
  }
  return {
    async run(job) {
      const attempt = steps.begin(job)
      const outcome = await steps.admit(attempt, steps.perform)
      const verdict = steps.judge(attempt, outcome)
      if (verdict.say !== 'complete') await steps.report(attempt, verdict)
      return verdict
    },
  }
}
