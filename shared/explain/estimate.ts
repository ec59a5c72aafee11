// When a job will run, from the reason it does not: exactly where a clock decides, roughly where a rate does.
import { toIso } from '../kernel/clock.ts'
import { aheadOf, atLeastAhead } from './line.ts'
import { span } from './say.ts'
import type { Facts } from './facts.ts'
import type { Estimate, Reason } from './words.ts'

const sayings: Record<Estimate['sure'], (wait: string) => string> = {
  exact: (wait) => `Runs in ${wait}.`,
  rough: (wait) => `Runs in about ${wait}.`,
  not_before: (wait) => `Runs in ${wait} at the earliest.`,
  unknown: () => 'Nobody can say.',
}

const inMs = (facts: Facts, ms: number, sure: Estimate['sure']): Estimate => {
  const wait = Math.max(0, Math.round(ms))
  return {
    at: toIso(facts.now + wait),
    in_ms: wait,
    sure,
    says: wait < 1_000 && sure !== 'not_before' ? 'Runs any moment.' : sayings[sure](span(wait)),
  }
}

const unknown = (says: string): Estimate => ({ at: null, in_ms: null, sure: 'unknown', says })

/** Null for what runs or has ended. `further` is what else stands in the way. */
export const estimateOf = (facts: Facts, first: Reason, further: readonly Reason[]): Estimate | null => {
  const { stated, parking, around, more, now } = facts
  switch (first.cause) {
    case 'delayed':
    case 'put_off':
    case 'backing_off':
      return inMs(facts, (stated.score ?? now) - now, further.length === 0 ? 'exact' : 'not_before')
    case 'parked_breaker':
    case 'parked_budget':
    case 'parked_concurrency':
    case 'parked_retry_budget':
      return inMs(facts, (timeOf(facts) ?? parking?.untilMs ?? around?.held?.until ?? now) - now, 'not_before')
    case 'rate_limit':
      return afterWindow(facts, further)
    case 'queue_concurrency':
    case 'slots_busy':
    case 'priority':
    case 'in_line':
      return byRate(facts)
    case 'next':
      return inMs(facts, 0, 'rough')
    case 'stalled':
    case 'lock_lost':
      return afterRecovery(facts)
    case 'redis_full':
      return unknown('Runs when Redis has room again.')
    case 'queue_paused':
      return unknown('Runs when somebody resumes the queue.')
    case 'not_fetching':
      return unknown('Runs when the workers take jobs again.')
    case 'no_worker':
    case 'no_worker_for_name':
      return unknown('Runs when a worker for it is started.')
    case 'children':
      return unknown(`Runs when its ${more?.children?.awaited ?? ''} child jobs have ended.`.replace('  ', ' '))
    case 'child_failed':
      return unknown('Runs when the failed child was tried again and succeeded.')
    case 'in_no_list':
      return unknown('Never runs, unless it is added again.')
    case 'running':
    case 'completed':
    case 'failed':
    case 'cancelled':
    case 'skipped':
    case 'expired':
    case 'removed':
    case 'discarded':
      return null
    default:
      return first.cause satisfies never
  }
}

const timeOf = ({ stated: { state, score } }: Facts): number | undefined => (state === 'delayed' ? score : undefined)

/** A window lets as many start as its limit says. */
const afterWindow = (facts: Facts, further: readonly Reason[]): Estimate => {
  const { window, rate } = facts.more?.circumstances ?? {}
  const windows = rate ? Math.floor(atLeastAhead(facts) / rate.max) : 0
  const ms = (window?.endsInMs ?? 0) + windows * (rate?.durationMs ?? 0)
  if (further.length > 0 || isInMidst(facts)) return inMs(facts, ms, 'not_before')
  return inMs(facts, ms, windows === 0 ? 'exact' : 'rough')
}

/** As many jobs must end as run before it, and one more for its slot. */
const byRate = (facts: Facts): Estimate => {
  const rate = facts.more?.outPerMin ?? 0
  if (rate === 0) return unknown('Nothing has ended in this queue in the last minutes, so nobody can say.')
  return inMs(facts, ((atLeastAhead(facts) + 1) / rate) * 60_000, isInMidst(facts) ? 'not_before' : 'rough')
}

/** Whether more may run before it than are known of. */
const isInMidst = (facts: Facts): boolean => aheadOf(facts) === undefined && facts.stated.behind !== undefined

/** A job goes back to its queue at the first look after its lock ended that has suspected it before. */
const afterRecovery = (facts: Facts): Estimate => {
  const { crew, circumstances } = facts.more ?? {}
  if (!circumstances || crew?.count === 0) return unknown('Runs when a worker of its queue is started.')
  return inMs(facts, Math.max(circumstances.lockMs ?? 0, circumstances.stalledCheckMs ?? 0), 'not_before')
}
