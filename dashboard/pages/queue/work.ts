// Long work on a whole queue: what is asked before it begins, how much it is about, and what to send.
import type { Queue } from '../../../shared/queues/contract.ts'
import { readNumber } from '../../data/draft.ts'
import { readSpan } from '../../data/span.ts'
import { count, countOf } from '../../ui/format.ts'

export type Work = 'retryAll' | 'promoteAll' | 'drain' | 'clean' | 'obliterate'

export interface WorkWords {
  /** On the button that asks; "…" is added. */
  label: string
  /** The verb as a noun, for when it fails. */
  doing: string
  /** On the button that does it. */
  does: string
  scope: 'jobs:manage' | 'queues:admin'
  danger: boolean
  means: string
}

export const workWords: Record<Work, WorkWords> = {
  retryAll: {
    label: 'Retry all',
    doing: 'Retrying',
    does: 'Retry',
    scope: 'jobs:manage',
    danger: false,
    means: 'They run again with their counters at zero, the oldest first, 100,000 at most.',
  },
  promoteAll: {
    label: 'Promote all',
    doing: 'Promoting',
    does: 'Promote',
    scope: 'jobs:manage',
    danger: false,
    means: 'Delayed jobs run now, those that would run first before the others. The next job of a schedule stays.',
  },
  drain: {
    label: 'Drain',
    doing: 'Draining',
    does: 'Drain',
    scope: 'queues:admin',
    danger: true,
    means: 'Jobs that wait are removed; those that run go on, and what comes meanwhile stays. It cannot be undone.',
  },
  clean: {
    label: 'Clean',
    doing: 'Cleaning',
    does: 'Clean',
    scope: 'queues:admin',
    danger: true,
    means: 'Jobs of one state are removed, the oldest first. It cannot be undone.',
  },
  obliterate: {
    label: 'Obliterate',
    doing: 'Obliterating',
    does: 'Obliterate',
    scope: 'queues:admin',
    danger: true,
    means: 'The queue and all that is in it are removed: every job, whatever its state. It cannot be undone.',
  },
}

export const cleanedStates = [
  { value: 'completed', label: 'Completed' },
  { value: 'failed', label: 'Failed' },
  { value: 'waiting', label: 'Waiting' },
  { value: 'prioritized', label: 'Waiting by priority' },
  { value: 'delayed', label: 'Delayed' },
] as const
export type CleanedState = (typeof cleanedStates)[number]['value']

/** What is filled in, as text. */
export interface WorkDraft {
  state: CleanedState
  older: string
  pace: string
  confirm: string
  delayed: boolean
  force: boolean
}
export const emptyDraft: WorkDraft = { state: 'completed', older: '', pace: '', confirm: '', delayed: false, force: false } // prettier-ignore

/** What a work begins with: failed jobs are those one retries. */
export const draftFor = (work: Work): WorkDraft => ({
  ...emptyDraft,
  state: work === 'retryAll' ? 'failed' : 'completed',
})

type Read = { body: Record<string, unknown>; errors: { older?: string; pace?: string; confirm?: string } }

const CLEAN_MAX_MS = 315_360_000_000

/** The request a draft comes to, and what is wrong with it. */
export const readWork = (work: Work, draft: WorkDraft, queue: string): Read => {
  const pace = readNumber(draft.pace, { min: 0.1, max: 100_000, optional: true })
  const older = readSpan(draft.older, { min: 0, max: CLEAN_MAX_MS, optional: true })
  const errors = {
    ...('error' in pace && { pace: pace.error }),
    ...(work === 'clean' && 'error' in older && { older: older.error }),
    ...(work === 'obliterate' && draft.confirm !== queue && { confirm: `Type ${queue} to confirm.` }),
  }
  const paced = 'value' in pace && pace.value !== null ? { rate_per_s: pace.value } : {}
  const olderMs = 'value' in older ? (older.value ?? 0) : 0
  const own: Record<Work, Record<string, unknown>> = {
    retryAll: { state: draft.state === 'completed' ? 'completed' : 'failed' },
    promoteAll: {},
    drain: { include_delayed: draft.delayed },
    clean: { state: draft.state, older_than_ms: olderMs },
    obliterate: { confirm: draft.confirm, force: draft.force },
  }
  return { body: { ...own[work], ...paced }, errors }
}

/** How many jobs it is about, as far as the queue's counts say. */
export const concerned = (work: Work, { counts }: Pick<Queue, 'counts'>, draft: WorkDraft): number => {
  if (work === 'promoteAll') return counts.delayed
  if (work === 'drain') return counts.waiting + counts.prioritized + (draft.delayed ? counts.delayed : 0)
  if (work === 'obliterate') return Object.values(counts).reduce((sum, some) => sum + some, 0)
  return counts[draft.state]
}

/** "4,377 completed jobs are there now." */
export const concernWords = (work: Work, queue: Pick<Queue, 'counts'>, draft: WorkDraft): string => {
  const many = concerned(work, queue, draft)
  const words: Record<Work, string> = {
    retryAll: draft.state,
    promoteAll: 'delayed',
    drain: draft.delayed ? 'waiting or delayed' : 'waiting',
    clean: draft.state,
    obliterate: '',
  }
  const kind = words[work] === '' ? '' : `${words[work]} `
  const older = work === 'clean' && draft.older.trim() !== '' ? ' Those older than that go.' : ''
  return `${many === 1 ? `1 ${kind}job is` : `${count(many)} ${kind}jobs are`} there now.${older}`
}

/** "Drain 412 jobs": what the last button says; a clean by age does not know how many. */
export const doesWords = (work: Work, queue: Pick<Queue, 'counts'>, draft: WorkDraft): string => {
  if (work === 'obliterate') return workWords[work].does
  const upTo = work === 'clean' && draft.older.trim() !== '' ? 'up to ' : ''
  return `${workWords[work].does} ${upTo}${countOf(concerned(work, queue, draft), 'job')}`
}

/** Queues that k1n itself works with. */
const RESERVED = 'k1n-'

/** Why it cannot be begun, or undefined when it can as far as is known here. */
export const refusal = (work: Work, queue: Pick<Queue, 'name' | 'counts'>): string | undefined => {
  if (queue.name.startsWith(RESERVED) && (work === 'drain' || work === 'obliterate'))
    return 'k1n itself works with this queue'
  if (work === 'retryAll' && queue.counts.failed + queue.counts.completed === 0) return 'No job has ended'
  if (work === 'promoteAll' && queue.counts.delayed === 0) return 'No job is delayed'
  if (work === 'drain' && queue.counts.waiting + queue.counts.prioritized + queue.counts.delayed === 0)
    return 'No job waits'
  return undefined
}
