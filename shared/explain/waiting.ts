// Jobs that wait for something of their own: their time, their next try, a service, or their children.
import { errorOf } from '../jobs/error.ts'
import { parkedCause } from './gates.ts'
import { brief, evidence, jobs, reason, span } from './say.ts'
import type { Facts } from './facts.ts'
import type { Reason } from './words.ts'

/** What a job waits for that is delayed. */
export const ownReason = (facts: Facts): Reason => parked(facts) ?? putOff(facts) ?? backingOff(facts) ?? delayed(facts)

const parked = ({ parking, stated: { score } }: Facts): Reason | undefined => {
  if (!parking) return undefined
  const { service, cause, untilMs, sinceMs, reason: why } = parking
  return reason(
    parkedCause(cause),
    `Waits for ${service}, which costs no attempt: ${brief(why)}.`,
    evidence(
      ['service', 'Service', 'text', service],
      ['since', 'Since', 'instant', sinceMs],
      ['until', 'Asked again', 'instant', score ?? untilMs],
    ),
  )
}

const when = ({ stated: { score }, now }: Facts): string => {
  const wait = score === undefined ? undefined : score - now
  return wait === undefined ? 'at its time' : wait <= 0 ? 'as soon as a worker is free' : `in ${span(wait)}`
}

/** A start that counted no attempt: the handler, or a worker that stopped, put the job back. */
const putOff = (facts: Facts): Reason | undefined => {
  const { job, score } = facts.stated
  const last = facts.more?.last
  const neverFailed = job.attemptsStarted > job.stalledCounter && job.attemptsMade === 0
  if (last ? last.outcome !== 'snoozed' : !neverFailed) return undefined
  const why = last?.reason
  return reason(
    'put_off',
    `Was put off by its worker${why ? ` (${brief(why)})` : ''}, which costs no attempt; it runs again ${when(facts)}.`,
    evidence(
      ['until', 'Runs', 'instant', score],
      ['reason', 'Why', 'text', why],
      ['starts', 'Starts so far', 'count', job.attemptsStarted],
    ),
  )
}

const backingOff = (facts: Facts): Reason | undefined => {
  const { job, score } = facts.stated
  const error = errorOf(job)
  if (job.attemptsMade === 0 || !error) return undefined
  const most = Math.max(job.attemptsMax, job.attemptsMade)
  return reason(
    'backing_off',
    `Attempt ${job.attemptsMade} of ${most} failed with ${error.name}: ${brief(error.message)}; the next try is ${when(facts)}.`,
    evidence(
      ['attempt', 'Attempts made', 'count', job.attemptsMade],
      ['attempts_max', 'At most', 'count', most],
      ['error', 'Error', 'text', error.name],
      ['error_class', 'Kind of error', 'text', error.class],
      ['failed_at', 'Failed', 'instant', facts.more?.last?.finished_at],
      ['next_retry_at', 'Next try', 'instant', score],
    ),
  )
}

const delayed = (facts: Facts): Reason => {
  const { job, score } = facts.stated
  return reason(
    'delayed',
    `Waits for its time; it may run ${when(facts)}.`,
    evidence(['run_at', 'Runs', 'instant', score], ['added_at', 'Added', 'instant', job.timestamp]),
  )
}

/** A failed child is told first: without a policy its parent waits for ever. */
export const childrenReasons = ({ more }: Facts): [Reason, ...Reason[]] => {
  const children = more?.children
  if (!children) return [reason('children', 'Waits until its child jobs are finished.')]
  const { awaited, ended, forgiven, searched, failed, some } = children
  const total = awaited + ended + forgiven
  const figures = evidence(
    ['awaited', 'Still awaited', 'count', awaited],
    ['ended', 'Ended', 'count', ended + forgiven],
    ['failed', 'Awaited and failed', 'count', failed],
    ['searched', 'Of the awaited, looked at', 'count', searched < awaited ? searched : undefined],
    ...some.map((child): [string, string, 'job', string] => [
      'child',
      child.failed ? 'Failed' : 'Awaited',
      'job',
      child.address,
    ]),
  )
  const waits = reason('children', `Waits for ${awaited} of its ${total} child jobs.`, figures)
  const first = some.find((child) => child.failed)
  if (!first) return [waits]
  const says =
    failed === 1
      ? `its child job ${first.address}, which failed`
      : `${jobs(failed)} among its children that failed, such as ${first.address}`
  return [
    reason(
      'child_failed',
      `Waits for ${says}; it waits until that is tried again and succeeds.`,
      figures,
      'Try the failed child again.',
    ),
    waits,
  ]
}
