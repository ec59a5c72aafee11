// Decides why a job is not running, or says that it runs or how it ended: one reason, and those behind it in order.
import { estimateOf } from './estimate.ts'
import type { Facts } from './facts.ts'
import { closedGates, lastingGates } from './gates.ts'
import { lineOf } from './line.ts'
import { cancelledReason, completedReason, expiredReason, failedReason, runningReason } from './running.ts'
import { brief, evidence, reason, span } from './say.ts'
import { childrenReasons, ownReason } from './waiting.ts'
import type { Estimate, Reason } from './words.ts'

export interface Explained extends Reason {
  readonly is: 'waiting' | 'running' | 'ended'
  readonly estimate: Estimate | null
  readonly further: Reason[]
}

export const explain = (facts: Facts): Explained => {
  const [first, ...further] = reasonsOf(facts)
  return { ...first, is: isOf(first), further, estimate: estimateOf(facts, first, further) }
}

/** One sentence: why a job is in its state, as far as the facts tell. */
export const whyOf = (facts: Facts): string => reasonsOf(facts)[0].says

/** The sentence of a job that was stored this moment; nothing is read for it. */
export const whyAdded = (queue: string, delayMs: number): string =>
  delayMs > 0 ? `Waits for its time; it may run in ${span(delayMs)}.` : `Was just added to ${queue}.`

const isOf = ({ cause }: Reason): Explained['is'] => {
  if (cause === 'running') return 'running'
  return ['completed', 'failed', 'cancelled', 'expired', 'skipped', 'removed', 'discarded'].includes(cause)
    ? 'ended'
    : 'waiting'
}

type Reasons = [first: Reason, ...further: Reason[]]

const reasonsOf = (facts: Facts): Reasons => {
  switch (facts.state) {
    case 'waiting':
    case 'prioritized':
      return inQueue(facts)
    case 'parked':
    case 'delayed':
      return facts.stated.state !== 'delayed' || isDue(facts) ? inQueue(facts) : untilItsTime(facts)
    case 'active':
      return taken(facts)
    case 'waiting_children':
      return [...childrenReasons(facts), ...lastingGates(facts)]
    case 'completed':
      return [completedReason(facts)]
    case 'failed':
      return [failedReason(facts)]
    case 'expired':
      return [expiredReason(facts)]
    case 'cancelled':
      return [cancelledReason(facts)]
    case 'unknown':
      return [facts.stated.job.buried === undefined ? lostReason : discardedReason]
    default:
      return facts.state satisfies never
  }
}

const lostReason = reason(
  'in_no_list',
  'BullMQ has its data but keeps it in no list, so nothing will run it; an operation that broke off leaves such jobs.',
  [],
  'Add the job again.',
)
const discardedReason = reason(
  'discarded',
  'Was discarded as a dead letter; for ten minutes it can be restored.',
  [],
  'Restore it.',
)

/** A delayed job whose time has come is as good as in line: the next worker that looks takes it there. */
const isDue = ({ stated: { score }, now, more }: Facts): boolean =>
  more !== undefined && score !== undefined && score <= now

const inQueue = (facts: Facts): Reasons => {
  const gates = closedGates(facts)
  const [line, ...behind] = lineOf(facts)
  const doomed = doomedReasons(facts)
  const [first, ...others] = gates
  if (first === undefined) return [line, ...behind, ...doomed]
  return [first, ...others, ...(line.cause === 'next' ? [] : [line, ...behind]), ...doomed]
}

/** A job that its worker lost goes back into line, for which Redis must take writes. */
const taken = (facts: Facts): Reasons => {
  const first = runningReason(facts)
  if (first.cause === 'running') return [first]
  const [gate, ...others] = lastingGates(facts)
  if (gate === undefined) return [first]
  return gate.cause === 'redis_full' ? [gate, first, ...others] : [first, gate, ...others]
}

const untilItsTime = (facts: Facts): Reasons => [ownReason(facts), ...lastingGates(facts)]

/** A job that will not be performed but failed by the worker that takes it. */
const doomedReasons = ({ stated: { job } }: Facts): Reason[] => {
  if (job.deferredFailure === undefined) return []
  const says = `The worker that takes it will fail it: ${brief(job.deferredFailure)}.`
  const cause = job.deferredFailure.startsWith('child ') ? 'child_failed' : 'stalled'
  return [reason(cause, says, evidence(['deferred_failure', 'Will fail with', 'text', job.deferredFailure]))]
}
