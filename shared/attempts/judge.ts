// The fourth step: what shall become of the job, from how its attempt ended. Decides, and does nothing.
import { isPermanent, retryDelayOf } from '../catalog/handler.ts'
import type { JobError } from '../jobs/words.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { classify } from '../retries/classify.ts'
import { describeError } from '../retries/describe.ts'
import { verdict } from '../retries/policy.ts'
import type { Attempt, Outcome, Parked, Verdict } from './attempt.ts'

export const judge =
  ({ random }: Pick<Kernel, 'random'>) =>
  (attempt: Attempt, outcome: Outcome): Verdict => {
    switch (outcome.is) {
      case 'done':
        return { say: 'complete', result: outcome.result }
      case 'snoozed':
        return { say: 'snooze', delayMs: outcome.delayMs, reason: outcome.reason }
      case 'cancelled':
        return { say: 'cancel', reason: outcome.reason }
      case 'expired':
        return { say: 'expire' }
      case 'fanned_out':
        return { say: 'wait_for_children', children: outcome.children }
      case 'interrupted':
        return { say: 'put_back', reason: outcome.reason }
      case 'parked':
        return park(outcome)
      case 'lost':
        return { say: 'let_go' }
      case 'poison':
        return { say: 'die', reason: 'poison', error: { ...describeError(outcome.error), class: 'permanent' } }
      case 'failed':
        return judgeFailure(attempt, outcome.error, random)
      default:
        return outcome satisfies never
    }
  }

/** A job that waits for a service that is down is no failed attempt; one that timed out to its end says so. */
const judgeFailure = ({ number, policy }: Attempt, thrown: unknown, random: () => number): Verdict => {
  const error = errorOf(thrown)
  const { retryAfterMs } = classify(thrown)
  const decided = verdict({ class: error.class, retryAfterMs }, policy(), number, random)
  switch (decided.kind) {
    case 'retry':
      return { say: 'retry', delayMs: retryDelayOf(thrown) ?? decided.delayMs, error }
    case 'defer':
      return { say: 'snooze', delayMs: decided.delayMs, reason: error.message }
    case 'dead':
      return { say: 'die', reason: error.class === 'timeout' ? 'timeout' : decided.reason, error }
    default:
      return decided satisfies never
  }
}

/** A probe that failed is told, as it ran; a job that was not let in did nothing. */
const park = ({ hold, probe }: Parked): Verdict => ({
  say: 'park',
  hold,
  ...(probe === undefined ? {} : { reason: `a probe of ${hold.service} failed: ${describeError(probe).message}` }),
})

/** What the handler or the catalog says about an error wins over what it looks like. */
const errorOf = (thrown: unknown): JobError => {
  const described = describeError(thrown)
  return isPermanent(thrown) ? { ...described, class: 'permanent' } : described
}
