// One honest sentence per state: why a job is where it is and what happens next.
import type { RawJob } from '../bullmq/bullmq.ts'
import type { QueueAround } from '../queues/around.ts'
import type { JobState } from './words.ts'

export interface WhyFacts {
  readonly job: RawJob
  readonly state: JobState
  /** Epoch ms for a delayed job; how many run before it for a waiting one, undefined where not counted. */
  readonly score: number | undefined
  readonly around: QueueAround | undefined
  readonly now: number
}

export const whyOf = (facts: WhyFacts): string => {
  switch (facts.state) {
    case 'waiting':
    case 'prioritized':
      return paused(facts) ?? nobody(facts) ?? inLine(facts)
    case 'delayed':
      return delayed(facts)
    case 'parked':
      return 'Waits for its service to work again; that costs no attempt.'
    case 'active':
      return `Runs ${attempt(facts.job, facts.job.attemptsMade + 1)}${since(facts)}.`
    case 'waiting_children':
      return 'Waits until its child jobs are finished.'
    case 'completed':
      return `Completed ${attempt(facts.job, facts.job.attemptsMade)}${took(facts.job)}.`
    case 'failed':
      return failed(facts.job)
    case 'cancelled':
      return facts.job.cancelled ? `Was cancelled: ${facts.job.cancelled}` : 'Was cancelled.'
    case 'skipped':
      return 'Was skipped.'
    case 'unknown':
      if (facts.job.buried !== undefined) return 'Was discarded as a dead letter; for ten minutes it can be restored.'
      return 'BullMQ has its data but keeps it in no list, so nothing will run it; an operation that broke off leaves such jobs.'
    default:
      return facts.state satisfies never
  }
}

/** The sentence of a job that was stored this moment; nothing is read for it. */
export const whyAdded = (queue: string, delayMs: number): string =>
  delayMs > 0 ? `Waits for its time; it may run in ${span(delayMs)}.` : `Was just added to ${queue}.`

const paused = ({ job, around }: WhyFacts): string | undefined => {
  if (!around?.counts.paused) return undefined
  if (!around.pause) return `The queue ${job.queue} is paused.`
  const { by, at, reason } = around.pause
  return `The queue ${job.queue} is paused by ${by} since ${at}${reason ? `: ${reason}` : ''}.`
}

const nobody = ({ job, around }: WhyFacts): string | undefined =>
  around?.workers === 0 ? `No worker takes jobs from ${job.queue}.` : undefined

const inLine = ({ job, state, score, around }: WhyFacts): string => {
  if (!around) return `Waits in ${job.queue}.`
  const takers = `${around.workers} ${around.workers === 1 ? 'worker takes' : 'workers take'} them.`
  const { waiting, prioritized } = around.counts
  // Jobs without a priority run before all that have one.
  const ahead = score === undefined ? undefined : score + (state === 'prioritized' ? waiting : 0)
  if (ahead === 0) return `Is next in ${job.queue}; ${takers.replace('them', 'its jobs')}`
  if (ahead !== undefined) return `Waits behind ${jobs(ahead)} in ${job.queue}; ${takers}`
  return `Waits in ${job.queue} among ${jobs(waiting + prioritized)}; ${takers}`
}

const delayed = ({ job, score, now }: WhyFacts): string => {
  const wait = score === undefined ? undefined : score - now
  const when = wait === undefined ? 'at its time' : wait <= 0 ? 'as soon as a worker is free' : `in ${span(wait)}`
  return job.attemptsMade > 0 && job.failedReason !== undefined
    ? `Failed ${attempt(job, job.attemptsMade)}; the next try is ${when}.`
    : `Waits for its time; it may run ${when}.`
}

const failed = (job: RawJob): string => {
  const message = job.failedReason?.split('\n', 1)[0]?.slice(0, 200)
  const because = message ? `: ${message}` : '.'
  if (job.reason === 'poison') return `Ended the processes that ran it and was taken out${because}`
  if (job.reason === 'permanent')
    return `Failed ${attempt(job, job.attemptsMade)} with an error no further try can mend${because}`
  return `Failed for good ${attempt(job, job.attemptsMade)}${because}`
}

const attempt = (job: RawJob, number: number): string =>
  `at attempt ${Math.max(1, number)} of ${Math.max(job.attemptsMax, number, 1)}`
const since = ({ job, now }: WhyFacts): string =>
  job.processedOn === undefined
    ? ''
    : ` since ${span(Math.max(0, now - job.processedOn))}${job.processedBy ? ` on ${job.processedBy}` : ''}`
const took = (job: RawJob): string =>
  job.processedOn === undefined || job.finishedOn === undefined
    ? ''
    : ` in ${span(Math.max(0, job.finishedOn - job.processedOn))}`
const jobs = (count: number): string => (count === 1 ? '1 job' : `${count.toLocaleString('en')} jobs`)

const units: [ms: number, name: string][] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
]

/** A length of time in its largest whole unit. */
export const span = (ms: number): string => {
  const [size, name] = units.find(([unit]) => ms >= unit) ?? [1, 'ms']
  return `${Math.round(ms / size)} ${name}`
}
