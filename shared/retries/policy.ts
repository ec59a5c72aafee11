// Decides how long to wait before the next attempt, and whether there is one. Pure: the caller brings chance and facts.
import type { BackoffOverride, BackoffPolicy, ErrorClass, RetryOverride } from './words.ts'
import { RetryPolicy } from './words.ts'

/** Five attempts, waiting up to 1, 2, 4 and 8 s. */
export const DEFAULT_RETRY_POLICY: Readonly<RetryPolicy> = frozen(RetryPolicy.parse({}))

/** The kind's policy with what the job says laid over it, as a new frozen value. A job that asks for longer waits
 *  without naming a cap gets them: the cap of its kind rises as far as needed. */
export function merge(kind: Readonly<RetryPolicy>, job: Readonly<RetryOverride> = {}): Readonly<RetryPolicy> {
  const own: Partial<BackoffPolicy> = withoutGaps(job.backoff ?? {})
  const { delays, ...backoff }: BackoffPolicy = { ...kind.backoff, ...own }
  const longest = Math.max(own.delay_ms ?? 0, ...(own.delays ?? []))
  return frozen({
    attempts: job.attempts ?? kind.attempts,
    backoff: {
      ...backoff,
      max_ms: own.max_ms ?? Math.max(backoff.max_ms, longest),
      ...(backoff.type === 'custom' && delays !== undefined ? { delays: [...delays] } : {}),
    },
  })
}

const withoutGaps = (override: Readonly<BackoffOverride>): Partial<BackoffPolicy> =>
  Object.fromEntries(Object.entries(override).filter(([, value]) => value !== undefined))

function frozen(policy: RetryPolicy): Readonly<RetryPolicy> {
  if (policy.backoff.delays !== undefined) Object.freeze(policy.backoff.delays)
  Object.freeze(policy.backoff)
  return Object.freeze(policy)
}

export interface Chance {
  /** A number from 0 to below 1, as `Math.random`. */
  random: () => number
  /** What the service asked for, in ms; taken as 1 s…24 h. What is no number above or equal to 0 is ignored. */
  retryAfterMs?: number | undefined
}

const RETRY_AFTER_MIN_MS = 1_000
const RETRY_AFTER_MAX_MS = 24 * 60 * 60 * 1_000
// Spreads callers that were all told the same moment.
const RETRY_AFTER_SPREAD = 0.1
// 2^42 ms are a century; beyond it doubling changes nothing but may leave the numbers.
const DOUBLINGS_MAX = 42

/** The wait before jitter after `attempt` failed attempts (counted from 1), in ms, never above `max_ms`. It does not
 *  shrink from one attempt to the next, unless the list of a `custom` policy does. */
export function ceilingMs(policy: Readonly<BackoffPolicy>, attempt: number): number {
  const failures = attempt >= 1 ? attempt : 1
  return Math.min(policy.max_ms, uncapped(policy, failures))
}

function uncapped({ type, delay_ms, delays = [] }: Readonly<BackoffPolicy>, failures: number): number {
  switch (type) {
    case 'fixed':
      return delay_ms
    case 'exponential':
      return delay_ms * 2 ** Math.min(Math.floor(failures) - 1, DOUBLINGS_MAX)
    case 'custom':
      return delays[Math.min(Math.floor(failures), delays.length) - 1] ?? delay_ms
    default:
      return type satisfies never
  }
}

/** Whole ms to wait after attempt number `attempt` (counted from 1) failed. At most `max_ms`; where a service asked by
 *  `retryAfterMs`, at least that long and at most a tenth longer than the longer of the two. */
export function nextDelay(policy: Readonly<BackoffPolicy>, attempt: number, chance: Chance): number {
  const own = jittered(policy.jitter, ceilingMs(policy, attempt), draw(chance))
  const asked = chance.retryAfterMs
  if (asked === undefined || !(asked >= 0)) return Math.round(own)
  const least = Math.max(own, Math.min(Math.max(asked, RETRY_AFTER_MIN_MS), RETRY_AFTER_MAX_MS))
  return Math.round(least * (1 + RETRY_AFTER_SPREAD * draw(chance)))
}

function jittered(jitter: BackoffPolicy['jitter'], ceiling: number, random: number): number {
  switch (jitter) {
    case 'none':
      return ceiling
    case 'full':
      return ceiling * random
    case 'equal':
      return (ceiling * (1 + random)) / 2
    default:
      return jitter satisfies never
  }
}

// A source of chance that is broken must not make a wait that is none.
function draw({ random }: Chance): number {
  const drawn = random()
  return drawn >= 0 && drawn <= 1 ? drawn : 0.5
}

export type RetryVerdict =
  /** Another attempt after the delay. */
  | { kind: 'retry'; delayMs: number }
  /** Not an attempt at all: the service is known to be down. The job waits and none is counted. */
  | { kind: 'defer'; delayMs: number; reason: 'circuit_open' }
  /** No further attempt: pointless, or the last one was used up. */
  | { kind: 'dead'; reason: 'permanent' | 'exhausted' }

/** What becomes of a job whose attempt number `attempt` (counted from 1) failed like this. */
export function verdict(
  failure: Readonly<{ class: ErrorClass; retryAfterMs?: number | undefined }>,
  policy: Readonly<RetryPolicy>,
  attempt: number,
  random: () => number,
): RetryVerdict {
  const { class: errorClass, retryAfterMs } = failure
  if (errorClass === 'permanent') return { kind: 'dead', reason: 'permanent' }
  const delayMs = (): number => nextDelay(policy.backoff, attempt, { random, retryAfterMs })
  if (errorClass === 'circuit_open') return { kind: 'defer', delayMs: delayMs(), reason: 'circuit_open' }
  return attempt < policy.attempts ? { kind: 'retry', delayMs: delayMs() } : { kind: 'dead', reason: 'exhausted' }
}
