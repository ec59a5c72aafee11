// Pure decisions about deliveries: what an answer means, when the next attempt is, how long an endpoint rests, when it is
// disabled.
import type { DeliveryRetries } from '../webhooks/words.ts'

/** What an attempt came to. `gone`: the endpoint asks never to be called again. `throttled`: it asks for a pause. */
export type Judgement = 'delivered' | 'gone' | 'throttled' | 'failed'

const THROTTLES: ReadonlySet<number> = new Set([429, 502, 503, 504])

/** Judges the status of an answer; a redirect is one, and a failure. */
export const judgeStatus = (status: number): Judgement => {
  if (status >= 200 && status <= 299) return 'delivered'
  if (status === 410) return 'gone'
  return THROTTLES.has(status) ? 'throttled' : 'failed'
}

export const attemptsMax = (retry: DeliveryRetries): number =>
  'delays_ms' in retry ? retry.delays_ms.length + 1 : retry.max_attempts

const JITTER = 0.2

/** ms until the next attempt after so many, ±20 %; at least what the endpoint asked for. Undefined after the last. */
export const nextDelayMs = (
  retry: DeliveryRetries,
  attempt: number,
  random: number,
  askedMs: number | undefined,
): number | undefined => {
  if (attempt >= attemptsMax(retry)) return undefined
  const usual = 'delays_ms' in retry ? (retry.delays_ms[attempt - 1] ?? 0) : backoff(retry, attempt)
  return Math.round(Math.max(usual * (1 - JITTER + 2 * JITTER * random), askedMs ?? 0))
}

const backoff = ({ base_ms, factor, max_ms }: Extract<DeliveryRetries, { base_ms: number }>, attempt: number): number =>
  Math.min(max_ms, base_ms * factor ** (attempt - 1))

/** What is known of an endpoint from all its attempts in the fleet. */
export interface Standing {
  /** Attempts that failed since the last success. */
  readonly failures: number
  /** When the first of those was; undefined while there is none. */
  readonly failingSince: number | undefined
  /** Undefined before the first. */
  readonly succeededAt: number | undefined
}

/** An endpoint with a success so recent is taken for a good one, whatever failed meanwhile. */
const PROVEN_MS = 3_600_000
const FAILURES_MAX = 5
const REST_MS = 5_000
const REST_MAX_MS = 600_000

export const isProven = ({ failures, succeededAt }: Standing, now: number): boolean =>
  succeededAt !== undefined && (failures === 0 || (failures < FAILURES_MAX && now - succeededAt < PROVEN_MS))

/** ms an endpoint rests after a failure: five in a row for one that was good, the first for one that never was. As long as it has
 *  failed by now, from 5 s to ten minutes, so that one that is well again waits no longer than it was ill, however many attempts
 *  failed together; and at most twice as long with each further failure, as one of long ago says little. Undefined when it goes on. */
export const restMs = (standing: Standing, now: number, random: number): number | undefined => {
  if (isProven(standing, now)) return undefined
  const { failures, failingSince = now, succeededAt } = standing
  const doublings = Math.max(0, failures - (succeededAt === undefined ? 1 : FAILURES_MAX))
  const rest = Math.min(REST_MAX_MS, Math.max(REST_MS, now - failingSince), REST_MS * 2 ** doublings)
  return Math.round(rest * (1 - JITTER * random))
}

const FAILING_MS = 120 * 3_600_000
const FAILING_COUNT = 10

/** When an endpoint is disabled if nothing arrives until then; undefined while it does not fail. */
export const disablesAt = ({ failingSince }: Pick<Standing, 'failingSince'>): number | undefined =>
  failingSince === undefined ? undefined : failingSince + FAILING_MS

/** Whether an endpoint has failed for so long that nothing is sent to it any more. */
export const isHopeless = ({ failures, failingSince }: Standing, now: number): boolean =>
  failures >= FAILING_COUNT && failingSince !== undefined && now - failingSince >= FAILING_MS
