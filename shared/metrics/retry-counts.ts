// Retries as they are counted: one small hash for each slot of time, written only for jobs that failed at least once.
import type { ErrorClass } from '../retries/words.ts'
import { stepOf } from './buckets.ts'
import type { KeyOf } from './buckets.ts'
import { MINUTE_MS, slotWords } from './slots.ts'

/** Retries of one slot, all queues: fields are `<queue>|<count>`. */
export const retriesKey: KeyOf = (kernel, no, widthMs = MINUTE_MS) =>
  kernel.key('metrics', 'r', ...slotWords(no, widthMs))

/** Attempts above this are counted as one. It is one more than is told apart, so that of the last ones it can still be
 *  told how many go on. */
export const ATTEMPT_MAX = 12

/** What became of an attempt of this number: it is tried again, it succeeded after others had failed, or the job died. */
export type RetryEnd = 'retried' | 'succeeded' | 'died'
const letters: Record<RetryEnd, string> = { retried: 'r', succeeded: 's', died: 'd' }

export const endCount = (end: RetryEnd, attempt: number): string =>
  `${letters[end]}${Math.min(ATTEMPT_MAX, Math.max(1, attempt))}`

/** Counts by name: ends of attempts, failures and wasted ms by class, retries and waited ms by strategy, and the histogram
 *  of waits. */
export type RetryCounts = Readonly<Record<string, number>>

interface Failure {
  attempt: number
  errorClass: ErrorClass
  /** ms the attempt ran for nothing. */
  ranMs: number
}

const wasted = ({ errorClass, ranMs }: Failure): RetryCounts => ({
  [`f.${errorClass}`]: 1,
  [`w.${errorClass}`]: Math.max(0, Math.round(ranMs)),
})

/** An attempt failed and the job is tried again after the delay. */
export const countsOfRetry = (failure: Failure & { strategy: string; delayMs: number }): RetryCounts => ({
  ...wasted(failure),
  [endCount('retried', failure.attempt)]: 1,
  [`b.${failure.strategy}`]: 1,
  [`t.${failure.strategy}`]: Math.max(0, Math.round(failure.delayMs)),
  [`y${stepOf(failure.delayMs)}`]: 1,
})

/** The last attempt failed, or its error made another one pointless. */
export const countsOfDeath = (failure: Failure): RetryCounts => ({
  ...wasted(failure),
  [`x.${failure.errorClass}`]: 1,
  [endCount('died', failure.attempt)]: 1,
})

/** A job that had failed before completed. */
export const countsOfSuccess = (attempt: number): RetryCounts => ({ [endCount('succeeded', attempt)]: 1 })
