// From what BullMQ stores to the resource people see.
import { parseJson, asRecord } from '../bullmq/raw-job.ts'
import type { RawJob, StatedJob } from '../bullmq/bullmq.ts'
import { policyOf } from '../attempts/terms.ts'
import type { AnyKind } from '../catalog/kind.ts'
import { dlqId } from '../dlq/id.ts'
import { whyOf } from '../explain/policy.ts'
import { toIso } from '../kernel/clock.ts'
import { formatAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import { parseOnce } from '../kernel/parse-once.ts'
import type { QueueAround } from '../queues/around.ts'
import { RetryPolicy } from '../retries/words.ts'
import type { BackoffPolicy } from '../retries/words.ts'
import { PRIORITIES } from './contract.ts'
import type { Job, PriorityName } from './contract.ts'
import { errorOf } from './error.ts'
import { expiryOf } from './expired.ts'
import { parkingOf, stateOf } from './state.ts'
import type { Parking } from './state.ts'
import type { JobState } from './words.ts'

export interface Presenting {
  readonly kind: AnyKind | undefined
  readonly around: QueueAround | undefined
  readonly now: number
  /** BullMQ's key prefix, which parents are named with. */
  readonly bullPrefix: string
  /** Why the job is in its state, where that is known already; worked out otherwise. */
  readonly why?: string
  /** The payload, where it is at hand already; read from the job's text otherwise. */
  readonly data?: unknown
  /** `none` leaves payload and result out, `redacted` says that there is one, `brief` leaves out what is long. */
  readonly payload: 'full' | 'redacted' | 'none' | 'brief'
}

/** A payload or result of more characters is left out of what is told of a job again and again. */
const BRIEF_MAX = 64 * 1_024

export const REDACTED = { redacted: true } as const

const isBrief = (text = ''): boolean => text.length <= BRIEF_MAX

/** A job without what is long of it. */
export const briefly = ({ data, result, ...job }: Job): Job => ({
  ...job,
  ...(isBrief(JSON.stringify(data)) ? { data } : {}),
  ...(isBrief(JSON.stringify(result)) ? { result } : {}),
})

/** Written as one literal that names every member, so that jobs are objects of one shape; what is undefined is not sent. */
export const present = (stated: StatedJob, how: Presenting): Job => {
  const { job, score, readAt } = stated
  const id = formatAddress(job)
  const held = how.around?.held
  const state = stateOf(stated, held)
  const parking = parkingOf(stated, held)
  const ended = state === 'failed' || state === 'completed' || state === 'cancelled' || state === 'expired'
  const policy = policyFor(job, how.kind)
  const { data, result } = payloadOf(job, state, how)
  const { tags, metadata, service, trace } = extrasOf(job)
  return {
    id,
    queue: job.queue,
    name: job.name,
    state,
    data,
    result,
    error: state === 'completed' ? undefined : errorOf(job),
    progress: job.progress,
    priority: job.priority,
    priority_name: priorityName(job.priority),
    delay_ms: job.delay,
    attempts_made: job.attemptsMade,
    attempts_max: policy.attempts,
    backoff: policy.backoff,
    created_at: toIso(job.timestamp),
    run_at: stated.state === 'delayed' && score !== undefined ? toIso(score) : null,
    expires_at: instant(expiryOf(job.opts)),
    parked: parkedOf(parking),
    processed_at: instant(job.processedOn),
    finished_at: ended ? instant(job.finishedOn ?? score) : null,
    worker_id: job.processedBy ?? null,
    parent: parentOf(job, how.bullPrefix),
    dedup_id: job.dedupId ?? null,
    tags,
    metadata,
    service,
    trace,
    dlq_id: state === 'failed' ? dlqId(job, job.finishedOn ?? score ?? 0) : null,
    known: how.kind !== undefined,
    why: how.why ?? whyOf({ stated, state, parking, around: how.around, now: how.now }),
    version: readAt,
    links: linksOf(id),
  }
}

const parkedOf = (parking: Parking | undefined): Job['parked'] =>
  parking
    ? { service: parking.service, cause: parking.cause, until: toIso(parking.untilMs), reason: parking.reason }
    : null

const instant = (ms: number | undefined): string | null => (ms === undefined ? null : toIso(ms))

const payloadOf = (
  job: RawJob,
  state: JobState,
  { payload, data }: Presenting,
): { data?: Job['data']; result?: Job['result'] } => {
  const completed = state === 'completed'
  if (payload === 'none') return {}
  if (payload === 'redacted') return { data: REDACTED, result: completed ? REDACTED : undefined }
  const has = completed && job.returnvalue !== undefined
  const isTold = (text: string | undefined): boolean => payload === 'full' || isBrief(text)
  return {
    data: isTold(job.data) ? (data ?? parseJson(job.data) ?? null) : undefined,
    result: has && isTold(job.returnvalue) ? (parseJson(job.returnvalue) ?? null) : undefined,
  }
}

/** The bins of named priorities; none counts as normal. */
export const priorityName = (priority: number): PriorityName => {
  if (priority === 0) return 'normal'
  if (priority < PRIORITIES.high) return 'critical'
  if (priority < PRIORITIES.normal) return 'high'
  return priority < PRIORITIES.low ? 'normal' : 'low'
}

const noKind = { retry: parseOnce(RetryPolicy, {}), timeoutMs: 0 }

/** BullMQ writes no attempts where a producer named none: our own kinds then have their policy's, others one. */
const policyFor = (job: RawJob, kind: AnyKind | undefined): { attempts: number; backoff: BackoffPolicy | null } => {
  const { attempts, backoff } = kind && followsKind(job) ? kind.retry : policyOf(job.opts, kind ?? noKind)
  if (kind) return { attempts: job.opts['attempts'] === 0 ? attempts : job.attemptsMax, backoff }
  return { attempts: job.attemptsMax, backoff: job.opts['backoff'] === undefined ? null : backoff }
}

/** Most jobs wait as their kind says; seeing that at once spares the check of what others may have written. */
const followsKind = ({ opts }: RawJob): boolean =>
  asRecord(opts['backoff'])['type'] === 'k1n' && asRecord(opts['k1n'])['backoff'] === undefined

/** The job that waits for this one, if that is one of BullMQ under our prefix. */
export const parentOf = ({ parentKey }: Pick<RawJob, 'parentKey'>, bullPrefix: string): Address | null => {
  if (!parentKey?.startsWith(`${bullPrefix}:`)) return null
  const [queue = '', ...rest] = parentKey.slice(bullPrefix.length + 1).split(':')
  return { queue, id: rest.join(':') }
}

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const extrasOf = ({ opts }: RawJob): Pick<Job, 'tags' | 'metadata' | 'service' | 'trace'> => {
  const extras = asRecord(opts['k1n'])
  const metadata = Object.entries(asRecord(extras['metadata'])).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  const traceparent = text(extras['trace'])
  return {
    tags: strings(extras['tags']),
    metadata: Object.fromEntries(metadata),
    service: text(extras['service']) ?? null,
    trace: traceparent ? { traceparent } : {},
  }
}

export const linksOf = (address: string): Record<string, string> => {
  const self = `/api/v2/jobs/${encodeURIComponent(address)}`
  return { self, attempts: `${self}/attempts`, logs: `${self}/logs`, result: `${self}/result` }
}
