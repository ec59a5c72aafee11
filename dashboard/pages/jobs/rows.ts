// What a job's row says, kept true by the clock and by what the stream tells after the row was fetched.
import type { Job } from '../../../shared/jobs/contract.ts'
import { age, duration, instant } from '../../ui/format.ts'
import { jobStates, type Filter } from './model.ts'

/** The state a row shows: a delayed job that was tried before is retrying, a failed one is a dead letter. */
export const shownState = (job: Pick<Job, 'state' | 'attempts_made' | 'dlq_id'>): string => {
  if (job.state === 'failed' && job.dlq_id !== null) return 'dead'
  return job.state === 'delayed' && job.attempts_made > 0 ? 'retrying' : job.state
}

/** The attempt a job is at: the one that runs, else the last that ran; 0 before the first. */
export const attemptOf = (job: Pick<Job, 'state' | 'attempts_made'>): number =>
  job.attempts_made + (job.state === 'active' ? 1 : 0)

/** The page's clock may be a second behind: a job that has just begun runs for no less than nothing. */
const runs = (job: Job, now: number): string => {
  const since = instant(job.processed_at)
  const how = `Attempt ${attemptOf(job)} of ${job.attempts_max} runs`
  return `${how}${since === undefined ? '' : ` for ${duration(Math.max(0, now - since))}`}${job.worker_id ? ` on ${job.worker_id}` : ''}.`
}

const waits = (job: Job, now: number): string | undefined => {
  const at = instant(job.run_at)
  if (at === undefined) return undefined
  const when = at > now ? age(at, now) : 'as soon as a worker is free'
  return job.attempts_made > 0
    ? `Attempt ${job.attempts_made} of ${job.attempts_max} failed; the next try is ${when}.`
    : `Waits for its time; it runs ${when}.`
}

const took = (job: Job): string | undefined => {
  const [start, end] = [instant(job.processed_at), instant(job.finished_at)]
  if (start === undefined || end === undefined) return undefined
  return `Completed at attempt ${Math.max(1, job.attempts_made)} of ${job.attempts_max} in ${duration(end - start)}.`
}

/** Why a job is in its state and what comes next. What has a time in it is worked out from now: the sentence the API
 *  answered was true only when it was asked. */
export const whyWords = (job: Job, now: number): string => {
  if (job.state === 'active') return runs(job, now)
  if (job.state === 'delayed') return waits(job, now) ?? job.why
  if (job.state === 'completed') return took(job) ?? job.why
  return job.why
}

type Told = Record<string, unknown>
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** What an event says of a row beside its state. */
const toldBy = (state: Job['state'], data: Told): Partial<Job> => {
  const attempt = typeof data['attempt'] === 'number' ? data['attempt'] : undefined
  const made = attempt === undefined ? {} : { attempts_made: state === 'active' ? attempt - 1 : attempt }
  const started = text(data['started_at'])
  const ended = text(data['finished_at'])
  return {
    ...made,
    ...(started !== null && { processed_at: started }),
    ...(ended !== null && { finished_at: ended }),
    ...(text(data['worker_id']) !== null && { worker_id: text(data['worker_id']) }),
  }
}

/** Rows with what an event said about one of them, or undefined when it is none of them or nothing new. */
export const applyEvent = (rows: readonly Job[], data: Told): Job[] | undefined => {
  const index = rows.findIndex((row) => row.id === data['task_id'])
  const known = rows[index]
  const state = jobStates.find((word) => word === data['state'])
  if (!known || !state || known.state === state) return undefined
  const { error: _past, ...kept } = known
  return rows.with(index, { ...kept, why: '', ...toldBy(state, data), state })
}

/** Whether an event tells all there is to know of a row in that state; else the row must be fetched. */
export const tellsAll = (state: unknown): boolean => state === 'active' || state === 'completed'

/** Whether a job in that state goes on by itself. */
export const goesOn = (state: Job['state']): boolean =>
  state !== 'completed' && state !== 'failed' && state !== 'cancelled' && state !== 'skipped' && state !== 'expired'

/** Whether a job an event speaks of may fit a filter, as far as the event tells; a glob may fit any queue. */
export const mayFit = (filter: Filter, data: Told): boolean => {
  const allows = (wanted: readonly string[], value: unknown): boolean =>
    wanted.length === 0 || wanted.some((one) => one.includes('*') || one === text(value))
  // No event tells of payloads, and what is told just now is not old.
  if (filter.data.length > 0 || filter.age.some((age) => age.startsWith('>'))) return false
  return (
    allows(filter.state, data['state']) &&
    allows(filter.queue, data['queue']) &&
    allows(filter.name, data['name']) &&
    (filter.error.length === 0 || data['state'] === 'failed')
  )
}
