// From the closed options of the API to BullMQ's: every value bounded, nothing passed through, backoff always ours.
import type { AnyKind } from '../catalog/kind.ts'
import { STACK_TRACES_KEPT } from '../bullmq/settings.ts'
import { ValidationFailed } from '../kernel/problems.ts'
import { merge } from '../retries/policy.ts'
import { PRIORITIES } from './contract.ts'
import type { JobInput } from './contract.ts'

export interface StoredOptions {
  readonly opts: Readonly<Record<string, unknown>>
  readonly delay: number
  readonly priority: number
  readonly lifo: boolean
}

/** Who asks, and what else of the request belongs to the job. */
export interface Asker {
  readonly by: string
  readonly traceparent?: string | undefined
  /** Of a job that an event set off: how often that went through k1n, this time included. */
  readonly hop?: number | undefined
  /** The schedules that led to it. */
  readonly via?: readonly string[] | undefined
}

const DELAY_MAX = 31_536_000_000
const LOG_LINES_KEPT = 1_000

/** Throws `validation-failed` for what only the whole job shows to be wrong. */
export const storedOptions = (
  kind: AnyKind | undefined,
  input: JobInput,
  service: string | undefined,
  asker: Asker,
  now: number,
): StoredOptions => {
  const given = input.options ?? {}
  const delay = delayOf(given, now)
  const priority = typeof given.priority === 'string' ? PRIORITIES[given.priority] : (given.priority ?? 0)
  const lifo = given.lifo ?? false
  const expiresAt = expiryFor(kind, given, now, delay)
  const backoff = kind ? { type: 'k1n' } : foreignBackoff(given.backoff, given.attempts)
  return {
    delay,
    priority,
    lifo,
    opts: {
      attempts: given.attempts ?? kind?.retry.attempts ?? 1,
      ...(backoff ? { backoff } : {}),
      removeOnFail: false,
      ...(given.remove_on_complete ? { removeOnComplete: true } : {}),
      stackTraceLimit: STACK_TRACES_KEPT,
      kl: LOG_LINES_KEPT,
      ...(delay > 0 ? { delay } : {}),
      ...(priority > 0 ? { priority } : {}),
      ...(lifo ? { lifo } : {}),
      k1n: extras(kind, input, service, asker, expiresAt),
    },
  }
}

const delayOf = ({ delay_ms, run_at }: NonNullable<JobInput['options']>, now: number): number => {
  if (run_at === undefined) return delay_ms ?? 0
  const delay = Math.max(0, Date.parse(run_at) - now)
  if (delay <= DELAY_MAX) return delay
  throw invalid('#/options/run_at', 'must be within a year from now')
}

/** When a job expires. Workers of other services would start it all the same. */
const expiryFor = (
  kind: AnyKind | undefined,
  { ttl_ms, expires_at }: NonNullable<JobInput['options']>,
  now: number,
  delay: number,
): number | undefined => {
  const at = expires_at === undefined ? (ttl_ms === undefined ? undefined : now + ttl_ms) : Date.parse(expires_at)
  if (at === undefined) return undefined
  const pointer = expires_at === undefined ? '#/options/ttl_ms' : '#/options/expires_at'
  if (!kind)
    throw invalid(pointer, 'needs a kind of job this installation has a handler for: others would start it late')
  if (at <= now + delay) throw invalid(pointer, 'must be after the job may start, or it never does')
  if (at - now > DELAY_MAX) throw invalid(pointer, 'must be within a year from now')
  return at
}

/** Workers of other services do not know our policies, so only what BullMQ itself can do is handed on. */
const foreignBackoff = (
  policy: NonNullable<JobInput['options']>['backoff'],
  attempts = 1,
): Record<string, unknown> | undefined => {
  if (!policy) return undefined
  const { type = 'exponential', delay_ms = 1_000, max_ms = 900_000, jitter = 'full' } = policy
  if (type === 'custom')
    throw invalid('#/options/backoff/type', 'custom delays need a kind of job this installation has a handler for')
  if (type === 'exponential' && delay_ms * 2 ** Math.max(0, attempts - 2) > max_ms)
    throw invalid(
      '#/options/backoff',
      `with ${attempts} attempts the waits outgrow max_ms, which workers of other services cannot cap; ask for fewer attempts or a fixed delay`,
    )
  return { type, delay: Math.min(delay_ms, max_ms), jitter: { none: 0, equal: 0.5, full: 1 }[jitter] }
}

const invalid = (pointer: string, detail: string): Error =>
  ValidationFailed('The job is not valid.', { errors: [{ pointer, code: 'custom', detail }] })

/** What BullMQ has no place for travels in one member of its options; empty members stay away. */
const extras = (
  kind: AnyKind | undefined,
  input: JobInput,
  service: string | undefined,
  asker: Asker,
  expiresAt: number | undefined,
): Record<string, unknown> => {
  const { options = {}, tags = [], metadata = {} } = input
  return {
    by: asker.by,
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
    ...(options.grace_ms === undefined ? {} : { grace_ms: options.grace_ms }),
    ...(options.timeout_ms ? { timeout_ms: options.timeout_ms } : {}),
    ...(kind && options.backoff ? { backoff: merge(kind.retry, { backoff: options.backoff }).backoff } : {}),
    ...(service ? { service } : {}),
    ...(tags.length > 0 ? { tags } : {}),
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
    ...(asker.traceparent ? { trace: asker.traceparent } : {}),
    ...(asker.hop ? { hop: asker.hop } : {}),
    ...(asker.via ? { via: asker.via } : {}),
  }
}
