// What the list of workers says of each process, and what can be done with one.
import type { Worker } from '../../../shared/workers/contract.ts'
import { age, count, countOf, instant } from '../../ui/format.ts'

export interface Standing {
  state: string
  word: string
}

/** How a process stands. */
export const standingOf = ({ state, running }: Pick<Worker, 'state' | 'running'>): Standing => {
  if (state === 'silent') return { state: 'stalled', word: 'Silent' }
  if (state === 'stopping') return { state: 'cancelled', word: 'Stopping' }
  if (state === 'paused') return { state: 'paused', word: 'Paused' }
  return running > 0 ? { state: 'running', word: 'Working' } : { state: 'idle', word: 'Idle' }
}

export type Turn = 'pause' | 'resume' | 'shutdown'

export const turnWords: Record<Turn, { label: string; doing: string; means: string }> = {
  pause: {
    label: 'Pause',
    doing: 'Pausing',
    means: 'It fetches no more jobs; those that it runs go on to their end. Others work on its queues meanwhile.',
  },
  resume: { label: 'Resume', doing: 'Resuming', means: 'It fetches jobs again.' },
  shutdown: {
    label: 'Shut down',
    doing: 'Shutting down',
    means:
      'It ends when its jobs have, or when they have had the time they get. No other takes its place until the service is started again.',
  },
}

/** Why something cannot be done with a process in its state. */
export const refusal = (turn: Turn, { state }: Pick<Worker, 'state'>): string | undefined => {
  if (state === 'silent') return 'Nothing was heard of it'
  if (state === 'stopping') return 'It is ending'
  return turn === 'resume' && state !== 'paused' ? 'It is not paused' : undefined
}

/** Whether a filter means a process: by its id, host, version or a queue. */
export const fits = (worker: Worker, q: string): boolean => {
  const text = [worker.id, worker.host, worker.version, ...worker.queues].join('\n').toLowerCase()
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

const RANK: Record<Worker['state'], number> = { silent: 0, stopping: 1, paused: 2, running: 3 }

/** What needs a look first, then by who runs most. */
export const sortWorkers = (workers: readonly Worker[]): Worker[] =>
  [...workers].sort(
    (one, other) =>
      RANK[one.state] - RANK[other.state] || other.running - one.running || one.id.localeCompare(other.id),
  )

/** "3 workers, 12 of 36 slots in use, 1 silent." */
export const summaryWords = (workers: readonly Worker[]): string => {
  const sum = (of: (worker: Worker) => number): number => workers.reduce((total, worker) => total + of(worker), 0)
  const silent = workers.filter(({ state }) => state === 'silent').length
  return `${countOf(workers.length, 'worker')}, ${count(sum(({ running }) => running))} of ${countOf(
    sum(({ concurrency }) => concurrency),
    'slot',
  )} in use${silent > 0 ? `, ${silent} silent` : ''}.`
}

/** "up for 3 h", without changing every second. */
export const uptimeWords = ({ started_at }: Pick<Worker, 'started_at'>, now: number): string => {
  const at = instant(started_at)
  return at === undefined ? '' : `started ${age(at, now)}`
}
