// What a job's page says: its state in a sentence, its attempts true to scale, and what may be done with it.
import type { Attempt } from '../../../shared/attempts/contract.ts'
import type { Job } from '../../../shared/jobs/contract.ts'
import { age, count, duration, instant } from '../../ui/format.ts'
import { lookOf, type Tone } from '../../ui/states.ts'
import { attemptOf } from '../jobs/rows.ts'

const FINISHED = ['completed', 'failed', 'cancelled', 'skipped']
const WAITING = ['waiting', 'prioritized', 'delayed', 'parked', 'waiting_children']

/** The state with when it came to be: "Failed 2 min ago." */
const stateWords = (job: Job, now: number): string => {
  const word = lookOf(job.state).word
  const since = instant(
    FINISHED.includes(job.state) ? job.finished_at : job.state === 'active' ? job.processed_at : job.created_at,
  )
  if (since === undefined) return `${word}.`
  return FINISHED.includes(job.state)
    ? `${word} ${age(since, now)}.`
    : `${word} for ${duration(Math.max(0, now - since))}.`
}

const backoffWords = ({ backoff }: Job): string => {
  if (!backoff) return ''
  return backoff.type === 'exponential' ? ` (exponential, ${duration(backoff.max_ms)} cap)` : ` (${backoff.type})`
}

const nextWords = (job: Job, now: number): string => {
  const at = instant(job.run_at)
  if (at === undefined || (job.state !== 'delayed' && job.state !== 'parked')) return ''
  const what = job.attempts_made > 0 ? 'Next try' : 'Runs'
  return `${what} ${at > now ? age(at, now) : 'any moment'}${job.attempts_made > 0 ? backoffWords(job) : ''}.`
}

const attemptWords = (job: Job): string =>
  attemptOf(job) === 0 ? '' : `Attempt ${attemptOf(job)} of ${job.attempts_max}.`

/** The state line of the page, in at most three sentences. */
export const stateLine = (job: Job, now: number): string =>
  [stateWords(job, now), attemptWords(job), nextWords(job, now)].filter((words) => words !== '').join(' ')

const AROUND_MS = 60_000

/** Where the timeline shows a job: its latest attempt with a minute around it; one that goes on is followed. */
export const timelineSearch = (job: Job, now: number): Record<string, string> => {
  const sel = `${job.id}#${Math.max(1, attemptOf(job))}`
  const [start, end] = [instant(job.processed_at), instant(job.finished_at) ?? now]
  if (start === undefined || now - end < AROUND_MS) return { sel }
  const iso = (at: number): string => new Date(at).toISOString()
  return { sel, from: iso(start - AROUND_MS), to: iso(end + AROUND_MS) }
}

export interface Piece {
  kind: 'wait' | 'run' | 'rest' | 'next'
  /** Shares of the strip, 0–1. */
  from: number
  width: number
  attempt: number
  tone: Tone
  says: string
}

const toneOf: Record<NonNullable<Attempt['outcome']>, Tone> = {
  completed: 'done',
  retrying: 'retrying',
  failed: 'failed',
  cancelled: 'cancelled',
  snoozed: 'held',
  stalled: 'stalled',
}

interface Stretch extends Omit<Piece, 'from' | 'width'> {
  start: number
  end: number
}

const stretches = (job: Job, attempts: readonly Attempt[], now: number): Stretch[] => {
  const list: Stretch[] = []
  let end = instant(job.created_at) ?? now
  for (const { attempt, ...rest } of attempts) {
    const start = Math.max(end, instant(rest.started_at) ?? end)
    const first = list.length === 0
    if (start > end)
      list.push({
        kind: first ? 'wait' : 'rest',
        start: end,
        end: start,
        attempt,
        tone: 'waiting',
        says: `${first ? 'Waited' : 'Rested'} ${duration(start - end)}`,
      })
    end = Math.max(start, instant(rest.finished_at) ?? now)
    const tone = rest.outcome === null ? 'running' : toneOf[rest.outcome]
    list.push({
      kind: 'run',
      start,
      end,
      attempt,
      tone,
      says: `Attempt ${attempt} ${rest.outcome ?? 'running'}, ran ${duration(end - start)}`,
    })
  }
  const next = WAITING.includes(job.state) ? Math.max(now, instant(job.run_at) ?? now) : end
  if (next > end)
    list.push({
      kind: attempts.length === 0 ? 'wait' : 'next',
      start: end,
      end: next,
      attempt: attempts.length + 1,
      tone: 'waiting',
      says: attempts.length === 0 ? `Waits ${duration(next - end)}` : `Next try after ${duration(next - end)}`,
    })
  return list
}

/** The attempts as pieces of one strip, true to scale from when the job was added. */
export const stripOf = (job: Job, attempts: readonly Attempt[], now: number): Piece[] => {
  const list = stretches(job, attempts, now)
  const [start, end] = [list[0]?.start ?? 0, list.at(-1)?.end ?? 0]
  const length = Math.max(1, end - start)
  return list.map(({ start: from, end: to, ...piece }) => ({
    ...piece,
    from: (from - start) / length,
    width: (to - from) / length,
  }))
}

export type Action = 'retry' | 'promote' | 'cancel'

/** What may be done with a job in its state, the likeliest first. */
export const actionsFor = ({ state, run_at }: Pick<Job, 'state' | 'run_at'>): Action[] => {
  if (state === 'delayed') return ['promote', 'cancel']
  // One that is parked with its whole queue is in line already.
  if (state === 'parked') return run_at === null ? ['cancel'] : ['promote', 'cancel']
  if (state === 'failed' || state === 'completed' || state === 'cancelled') return ['retry']
  return WAITING.includes(state) || state === 'active' ? ['cancel'] : []
}

const shellQuoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** A command that enqueues the same job again. */
export const asCurl = (job: Job, origin: string): string => {
  const body = JSON.stringify({
    name: job.name,
    queue: job.queue,
    data: job.data ?? {},
    ...(job.priority > 0 && { options: { priority: job.priority } }),
  })
  return [
    `curl -X POST ${origin}/api/v2/jobs`,
    '-H "Authorization: Bearer $K1N_KEY"',
    '-H "Content-Type: application/json"',
    `-d ${shellQuoted(body)}`,
  ].join(' \\\n  ')
}

/** True when the payload was held back because a scope is missing. */
export const isRedacted = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (value as Record<string, unknown>)['redacted'] === true &&
  Object.keys(value).length === 1

/** The schedule that made a job, as the id of its jobs tells; undefined for jobs that nobody's schedule made. */
export const scheduleOf = (address: string): string | undefined =>
  /:s_([a-z0-9.-]{1,64})_[a-z0-9-]{1,64}$/.exec(address)?.[1]

export interface Fact {
  label: string
  value: string
  at?: string | null
  /** The id of a schedule to open. */
  schedule?: string
}

/** The facts below the tabs, without those that say nothing. */
export const factsOf = (job: Job): Fact[] => {
  const schedule = scheduleOf(job.id)
  const facts: (Fact | undefined)[] = [
    { label: 'Name', value: job.name },
    { label: 'Queue', value: job.queue },
    { label: 'Priority', value: job.priority > 0 ? `${job.priority_name} (${job.priority})` : job.priority_name },
    { label: 'Added', value: '', at: job.created_at },
    job.processed_at ? { label: 'Last started', value: '', at: job.processed_at } : undefined,
    job.finished_at ? { label: 'Finished', value: '', at: job.finished_at } : undefined,
    { label: 'Attempts', value: `${count(attemptOf(job))} of ${count(job.attempts_max)}` },
    job.worker_id ? { label: 'Worker', value: job.worker_id } : undefined,
    job.service ? { label: 'Service', value: job.service } : undefined,
    schedule === undefined ? undefined : { label: 'Schedule', value: schedule, schedule },
    job.parent ? { label: 'Parent', value: `${job.parent.queue}:${job.parent.id}` } : undefined,
    job.dedup_id ? { label: 'De-duplication', value: job.dedup_id } : undefined,
    job.tags.length > 0 ? { label: 'Tags', value: job.tags.join(', ') } : undefined,
    job.trace.traceparent ? { label: 'Trace', value: job.trace.traceparent } : undefined,
    { label: 'Runs in', value: job.known ? 'k1n' : 'another service' },
  ]
  return facts.filter((fact) => fact !== undefined)
}

/** The address of a job: with its queue when the link names one. */
export const addressOf = (params: { id: string; queue?: string }): string =>
  params.queue === undefined ? params.id : `${params.queue}:${params.id}`

/** The state topic of an address, whatever another service's queue and job are called. */
export const topicOf = (address: string): string => `state:job:${address}`
