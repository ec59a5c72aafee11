// What happened to a job, in order, as far as it is known: its own times, its attempts, and what people did to it.
import type { Attempt } from '../../../shared/attempts/contract.ts'
import type { AuditEntry } from '../../../shared/audit/contract.ts'
import type { Job } from '../../../shared/jobs/contract.ts'
import { duration, instant } from '../../ui/format.ts'

export interface Moment {
  at: number
  /** A word of `ui/states.ts`. */
  state: string
  word: string
  says: string
}

const moment = (at: string | null | undefined, state: string, word: string, says: string): Moment[] => {
  const ms = instant(at)
  return ms === undefined ? [] : [{ at: ms, state, word, says }]
}

const outcomes: Record<NonNullable<Attempt['outcome']>, { state: string; word: string }> = {
  completed: { state: 'completed', word: 'Succeeded' },
  retrying: { state: 'retrying', word: 'Failed, tried again' },
  failed: { state: 'failed', word: 'Failed for good' },
  cancelled: { state: 'cancelled', word: 'Cancelled' },
  snoozed: { state: 'held', word: 'Put back' },
  stalled: { state: 'stalled', word: 'Stalled' },
}

const attemptMoments = ({ attempt, outcome, error, reason, worker_id, ...times }: Attempt): Moment[] => {
  const where = worker_id === null ? '' : ` on ${worker_id}`
  const end = outcome === null ? undefined : outcomes[outcome]
  const why = error ? `${error.name}: ${error.message}` : (reason ?? '')
  return [
    ...moment(times.started_at, 'active', 'Started', `Attempt ${attempt}${where}`),
    ...(end
      ? moment(times.finished_at, end.state, end.word, [`Attempt ${attempt}, ran ${duration(times.duration_ms)}`, why].filter(Boolean).join('. ')) // prettier-ignore
      : []),
  ]
}

const actions: Record<string, string> = {
  cancelJob: 'Cancelled by hand',
  promoteJob: 'Promoted',
  retryJob: 'Retried by hand',
  retryTask: 'Retried by hand',
  skipJob: 'Skipped',
  changeJob: 'Changed',
  createJob: 'Asked for',
}

const entryMoments = ({ at, actor, action, reason }: AuditEntry): Moment[] =>
  moment(at, 'unknown', actions[action] ?? action, [`By ${actor.name}`, reason ?? ''].filter(Boolean).join(': '))

/** The newest first. */
export const lifeOf = (job: Job, attempts: readonly Attempt[], audit: readonly AuditEntry[]): Moment[] =>
  [
    ...moment(job.created_at, 'waiting', 'Added', `To ${job.queue}`),
    ...attempts.flatMap(attemptMoments),
    ...audit.flatMap(entryMoments),
  ]
    .sort((one, other) => one.at - other.at)
    .reverse()
