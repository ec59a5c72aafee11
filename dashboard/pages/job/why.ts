// What the "Why" panel says: the reason kept true by the clock, when the job will run, and the figures behind it.
import type { Explanation } from '../../../shared/explain/contract.ts'
import type { Evidence } from '../../../shared/explain/words.ts'
import type { Job } from '../../../shared/jobs/contract.ts'
import { age, bytes, count, duration, instant } from '../../ui/format.ts'
import { whyWords } from '../jobs/rows.ts'

/** Causes whose sentence is worked out from now: the one the API answered was true only when it was asked. */
const TICKING: readonly Explanation['cause'][] = ['running', 'completed', 'delayed', 'backing_off']

/** The reason in one sentence. An explanation of another state is of the past: the job's own sentence is newer then. */
export const headline = (job: Job, explained: Explanation | undefined, now: number): string =>
  explained?.state === job.state && !TICKING.includes(explained.cause) ? explained.says : whyWords(job, now)

/** When it will run; undefined where the headline says so already. */
export const estimateWords = (
  { cause, estimate }: Pick<Explanation, 'cause' | 'estimate'>,
  now: number,
): string | undefined => {
  if (!estimate || (estimate.sure === 'exact' && TICKING.includes(cause))) return undefined
  const at = instant(estimate.at)
  if (at === undefined) return estimate.says
  if (at <= now) return 'Runs any moment.'
  const when = age(at, now)
  switch (estimate.sure) {
    case 'exact':
      return `Runs ${when}.`
    case 'rough':
      return `Runs ${when.replace('in ', 'in about ')}, by the rate of the last minutes.`
    case 'not_before':
      return `Runs ${when} at the earliest.`
    case 'unknown':
      return estimate.says
    default:
      return estimate.sure satisfies never
  }
}

export interface Figure {
  label: string
  text: string
  /** Set where it is a moment, a job or a queue, which the page shows as such. */
  at?: string
  job?: string
  queue?: string
}

const figureOf = ({ label, value, unit }: Evidence): Figure => {
  if (unit === 'instant') return { label, text: '', at: String(value) }
  if (unit === 'job') return { label, text: String(value), job: String(value) }
  if (unit === 'queue') return { label, text: String(value), queue: String(value) }
  if (typeof value !== 'number') return { label, text: String(value) }
  if (unit === 'ms') return { label, text: duration(value) }
  if (unit === 'bytes') return { label, text: bytes(value) }
  return { label, text: unit === 'per_min' ? `${count(value)} a minute` : count(value) }
}

/** The figures a reason was decided by, of a job that waits; what runs or has ended shows its own elsewhere. */
export const figuresOf = ({ is, evidence }: Pick<Explanation, 'is' | 'evidence'>): Figure[] =>
  is === 'waiting' ? evidence.map(figureOf) : []
