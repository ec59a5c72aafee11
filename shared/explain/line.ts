// Where a job stands in its queue's line, and what it waits for there once nothing else is in the way.
import { evidence, jobs, reason } from './say.ts'
import { slotsOf } from './gates.ts'
import type { Facts } from './facts.ts'
import type { Reason } from './words.ts'

/** Jobs that run before this one; undefined where they were not counted. Those without a priority run before all that
 *  have one. */
export const aheadOf = ({ stated: { state, score, job }, around }: Facts): number | undefined => {
  if (!around) return undefined
  const { waiting, prioritized } = around.counts
  if (state === 'waiting') return score
  if (state === 'prioritized') return score === undefined ? undefined : score + waiting
  // A delayed job whose time has come goes to the end of the line.
  return state === 'delayed' ? waiting + (job.priority > 0 ? prioritized : 0) : undefined
}

/** Jobs that surely run before this one: all of them, or as many as it was looked for among. */
export const atLeastAhead = (facts: Facts): number => aheadOf(facts) ?? facts.stated.behind ?? 0

/** The line and, behind it, that all slots are busy. Never empty. */
export const lineOf = (facts: Facts): [Reason, ...Reason[]] => {
  const ahead = aheadOf(facts)
  const full = busy(facts)
  const others = full ? [full] : []
  if (ahead === undefined) return [among(facts), ...(facts.stated.behind ? others : [])]
  if (ahead > 0) return [behind(facts, ahead), ...others]
  return [full ?? next(facts)]
}

const behind = (facts: Facts, ahead: number): Reason => {
  const { job } = facts.stated
  const byPriority = facts.stated.state === 'prioritized'
  return reason(
    byPriority ? 'priority' : 'in_line',
    byPriority
      ? `Waits in ${job.queue} behind ${jobs(ahead)} that ${ahead === 1 ? 'comes' : 'come'} first by priority.`
      : `Waits behind ${jobs(ahead)} in ${job.queue}.`,
    evidence(
      ['ahead', 'Jobs before it', 'count', ahead],
      ['priority', 'Priority', 'count', byPriority ? job.priority : undefined],
      ['out_per_min', 'Jobs ended', 'per_min', facts.more?.outPerMin],
    ),
  )
}

/** Where it was not found near either end of its line. */
const among = ({ stated: { job, behind: least }, around, more }: Facts): Reason => {
  if (!around) return reason('in_line', `Waits in ${job.queue}.`)
  const waiting = around.counts.waiting + around.counts.prioritized
  return reason(
    'in_line',
    least === undefined
      ? `Waits in ${job.queue} among ${jobs(waiting)}.`
      : `Waits behind at least ${least.toLocaleString('en')} of ${jobs(waiting)} in ${job.queue}.`,
    evidence(
      ['ahead_least', 'Jobs before it, at least', 'count', least],
      ['waiting', 'Jobs waiting', 'count', waiting],
      ['out_per_min', 'Jobs ended', 'per_min', more?.outPerMin],
    ),
  )
}

/** Said where slots are counted and all taken, or where other services' workers run something. */
const busy = (facts: Facts): Reason | undefined => {
  const { stated, around, more } = facts
  const slots = slotsOf(facts)
  const active = around?.counts.active ?? 0
  if (!more || active === 0 || active < (slots ?? more.crew.count)) return undefined
  const { queue } = stated.job
  return reason(
    'slots_busy',
    slots === undefined
      ? `The workers of ${queue} are busy with ${jobs(active)}.`
      : slots === 1
        ? `The one slot of ${queue} is busy.`
        : `All ${slots} slots of ${queue} are busy.`,
    evidence(
      ['active', 'Running', 'count', active],
      ['slots', 'Slots', 'count', slots],
      ['workers', 'Workers', 'count', more.crew.count],
      ['out_per_min', 'Jobs ended', 'per_min', more.outPerMin],
    ),
  )
}

const next = ({ stated: { job, state }, more }: Facts): Reason => {
  if (state === 'delayed')
    return reason('next', `Its time has come; it runs as soon as a worker of ${job.queue} is free.`)
  return reason('next', more ? `Is next in ${job.queue}; a worker is about to take it.` : `Is next in ${job.queue}.`)
}
