// A job as BullMQ stores it: the fields of its hash, read so that no content of them can do harm.
import { LATEST } from '../kernel/clock.ts'

/** Which fields to ask Redis for. Payloads and results can be megabytes: only one job's page asks for them. */
export const BRIEF_FIELDS = [
  'name', 'opts', 'timestamp', 'delay', 'priority', 'atm', 'ats', 'stc', 'processedOn', 'finishedOn', 'failedReason',
  'progress', 'pb', 'deid', 'parentKey', 'rjk', 'defa', 'k1nCancelled', 'k1nReason', 'k1nError', 'k1nSolo', 'k1nPark',
  'k1nBuried', 'k1nOp', 'k1nRemark',
] as const // prettier-ignore
export const FIELDS_WITH_STACK = [...BRIEF_FIELDS, 'stacktrace', 'k1nBase'] as const
export const FIELDS_OF_RETRIES = [...FIELDS_WITH_STACK, 'data', 'k1nAsked', 'k1nForced'] as const
export const ALL_FIELDS = [...FIELDS_WITH_STACK, 'data', 'returnvalue'] as const
export type JobField = (typeof ALL_FIELDS)[number] | (typeof FIELDS_OF_RETRIES)[number]

/** What a job's hash says. Times are epoch milliseconds; what is absent or makes no sense is undefined or zero. */
export interface RawJob {
  readonly queue: string
  readonly id: string
  readonly name: string
  /** The options as stored; an empty object when they cannot be read. */
  readonly opts: Readonly<Record<string, unknown>>
  readonly timestamp: number
  readonly delay: number
  readonly priority: number
  /** Attempts that ended, BullMQ's `atm`. */
  readonly attemptsMade: number
  /** Attempts that began, deferrals and stalls included, BullMQ's `ats`. */
  readonly attemptsStarted: number
  readonly stalledCounter: number
  /** Attempts of earlier lives, after which counting began anew. Zero when it was not asked for. */
  readonly attemptsBefore: number
  readonly attemptsMax: number
  readonly processedOn: number | undefined
  readonly finishedOn: number | undefined
  readonly failedReason: string | undefined
  readonly progress: unknown
  /** BullMQ's name of the worker that took the job last. */
  readonly processedBy: string | undefined
  readonly dedupId: string | undefined
  readonly parentKey: string | undefined
  readonly schedulerId: string | undefined
  readonly deferredFailure: string | undefined
  readonly cancelled: string | undefined
  readonly reason: string | undefined
  /** JSON of what our worker judged the newest failed attempt to be. */
  readonly judged: string | undefined
  readonly solo: string | undefined
  /** JSON of who asked last that the job be tried again. */
  readonly asked: string | undefined
  /** The number of the attempt that somebody forced, 0 where nobody did. Zero when it was not asked for. */
  readonly forcedAttempt: number
  /** JSON of what the job was parked for. */
  readonly parked: string | undefined
  /** Its place in the failed set and who put it away, while it is a discarded dead letter. */
  readonly buried: string | undefined
  /** The operation that gave it another life last. */
  readonly operation: string | undefined
  /** JSON of what somebody remarked about a death. */
  readonly remark: string | undefined
  /** One text per attempt that left one; the last is the newest. Empty when it was not asked for. */
  readonly stacktrace: readonly string[]
  /** JSON text; undefined when it was not asked for. */
  readonly data: string | undefined
  readonly returnvalue: string | undefined
}

/** Nested deeper, a value can be parsed and not be written or walked any more: the stack would not do. */
const DEPTH_MAX = 500

/** Walks the value level by level, so that its own stack does not grow. */
const isDeep = (value: unknown): boolean => {
  let level: unknown[] = [value]
  for (let depth = 0; depth < DEPTH_MAX; depth++) {
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? (Object.values(one) as unknown[]) : []))
    if (level.length === 0) return false
  }
  return true
}

/** Says whether a text could be nested too deeply at all; most are not, and then it need not be walked. */
const mayBeDeep = (text: string): boolean => {
  let opened = 0
  for (let at = 0; at < text.length && opened <= DEPTH_MAX; at++) {
    const unit = text.charCodeAt(at)
    if (unit === 0x5b || unit === 0x7b) opened++
  }
  return opened > DEPTH_MAX
}

/** Parses JSON that others wrote; anything unreadable, or nested more than 500 levels deep, is undefined. */
export const parseJson = (text: string | null | undefined): unknown => {
  if (text === null || text === undefined) return undefined
  try {
    const value = JSON.parse(text) as unknown
    return mayBeDeep(text) && isDeep(value) ? undefined : value
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The members of a JSON object others wrote; anything else has none. */
export const asRecord = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {})

const whole = (value: unknown): number => {
  const number = typeof value === 'number' ? value : Number(value ?? 0)
  return Number.isFinite(number) ? Math.max(0, Math.min(Number.MAX_SAFE_INTEGER, Math.trunc(number))) : 0
}
const instant = (value: string | null | undefined): number | undefined => {
  const ms = whole(value)
  return ms > 0 && ms <= LATEST ? ms : undefined
}
const texts = (text: string | null | undefined): string[] => {
  const value = parseJson(text)
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
}

/** Builds the job from the values of `fields`; undefined when the hash has none of them, so is no job. */
export const toRawJob = (
  queue: string,
  id: string,
  fields: readonly JobField[],
  values: readonly (string | false | null | undefined)[],
): RawJob | undefined => {
  const hash: Partial<Record<JobField, string>> = {}
  fields.forEach((field, index) => {
    const value = values[index]
    if (typeof value === 'string') hash[field] = value
  })
  return hash.name === undefined && hash.timestamp === undefined ? undefined : rawJob(queue, id, hash)
}

const rawJob = (queue: string, id: string, hash: Partial<Record<JobField, string>>): RawJob => {
  const opts = asRecord(parseJson(hash.opts))
  return {
    queue,
    id,
    name: hash.name ?? '',
    opts,
    timestamp: instant(hash.timestamp) ?? 0,
    delay: whole(hash.delay),
    priority: whole(hash.priority),
    attemptsMade: whole(hash.atm),
    attemptsStarted: whole(hash.ats),
    stalledCounter: whole(hash.stc),
    attemptsBefore: whole(hash.k1nBase),
    attemptsMax: Math.max(1, whole(opts['attempts'])),
    processedOn: instant(hash.processedOn),
    finishedOn: instant(hash.finishedOn),
    failedReason: hash.failedReason,
    progress: parseJson(hash.progress) ?? null,
    processedBy: hash.pb,
    dedupId: hash.deid,
    parentKey: hash.parentKey,
    schedulerId: hash.rjk,
    deferredFailure: hash.defa,
    cancelled: hash.k1nCancelled,
    reason: hash.k1nReason,
    judged: hash.k1nError,
    solo: hash.k1nSolo,
    asked: hash.k1nAsked,
    forcedAttempt: whole(hash.k1nForced),
    parked: hash.k1nPark,
    buried: hash.k1nBuried,
    operation: hash.k1nOp,
    remark: hash.k1nRemark,
    stacktrace: texts(hash.stacktrace),
    data: hash.data,
    returnvalue: hash.returnvalue,
  }
}

/** What an empty hash says: whatever is not known of a job that was just stored. */
export const untouched: RawJob = rawJob('', '', {})
