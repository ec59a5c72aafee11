// What one job is held to: its own options where they make sense, its kind's where they do not or are absent.
import type { Kind } from '../catalog/kind.ts'
import { merge } from '../retries/policy.ts'
import { BackoffOverride } from '../retries/words.ts'
import type { RetryPolicy } from '../retries/words.ts'

type Options = Readonly<Record<string, unknown>>
type Defaults = Pick<Kind, 'retry' | 'timeoutMs'>

/** A longer one would hold up the end of its process. */
const GRACE_MAX_MS = 60_000

const isRecord = (value: unknown): value is Options => typeof value === 'object' && value !== null
const extras = (opts: Options): Options => (isRecord(opts['k1n']) ? opts['k1n'] : {})
const isWhole = (value: unknown, max: number): value is number =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= max

/** How often a job is tried. BullMQ writes 0 attempts where a producer named none. */
export const attemptsOf = (opts: Options, { retry }: Defaults): number =>
  isWhole(opts['attempts'], 1_000_000) ? opts['attempts'] : retry.attempts

/** How often and how a job is tried. */
export const policyOf = (opts: Options, kind: Defaults): Readonly<RetryPolicy> => {
  const own = extras(opts)['backoff'] ?? foreignBackoff(opts['backoff'])
  return merge(kind.retry, {
    attempts: attemptsOf(opts, kind),
    backoff: BackoffOverride.safeParse(withoutIdleList(own)).data,
  })
}

/** A list of delays belongs to the type `custom` only; one that is left over from the kind says nothing. */
const withoutIdleList = (backoff: unknown): unknown => {
  if (!isRecord(backoff) || backoff['type'] === 'custom' || backoff['type'] === undefined) return backoff
  const { delays: _idle, ...rest } = backoff
  return rest
}

/** ms one attempt may run. */
export const timeoutOf = (opts: Options, { timeoutMs }: Defaults): number => {
  const own = extras(opts)['timeout_ms']
  return isWhole(own, 86_400_000) ? own : timeoutMs
}

/** ms an attempt has to end by itself after its signal fired. */
export const graceOf = (opts: Options, { graceMs }: Pick<Kind, 'graceMs'>): number => {
  const own = extras(opts)['grace_ms']
  return own === 0 || isWhole(own, GRACE_MAX_MS) ? own : graceMs
}

/** How often what set the job off went through k1n; undefined where nothing did. */
export const hopOf = (opts: Options): number | undefined => {
  const own = extras(opts)['hop']
  return isWhole(own, 1_000) ? own : undefined
}

/** What a job that an event set off hands on to those it makes, so that circles end. */
export const originOf = (opts: Options): { readonly hop?: number; readonly via?: readonly string[] } => {
  const hop = hopOf(opts)
  const { via } = extras(opts)
  return hop === undefined ? {} : { hop, ...(Array.isArray(via) ? { via: via.map(String) } : {}) }
}

/** Two of BullMQ's own ways to wait are read from jobs that plain producers added; everything else is replaced. */
const foreignBackoff = (backoff: unknown): unknown => {
  const { type, delay, jitter } = isRecord(backoff) ? backoff : { type: 'fixed', delay: backoff }
  if (type !== 'fixed' && type !== 'exponential') return undefined
  return {
    type,
    delay_ms: delay,
    max_ms: 2_592_000_000,
    jitter: jitter === undefined || jitter === 0 ? 'none' : 'full',
  }
}
