// A job's last error: what our worker judged of it, else what can be told from what BullMQ keeps.
import { z } from 'zod'
import { parseJson } from '../bullmq/raw-job.ts'
import type { JobField, RawJob } from '../bullmq/bullmq.ts'
import { ErrorClass } from '../retries/words.ts'
import type { JobError } from './words.ts'

/** What our worker adds to the hash of a job whose attempt failed: the rest of the error is in BullMQ's own fields. */
const Judged = z.object({
  /** The attempt that failed, counted from 1. */
  attempt: z.int(),
  name: z.string(),
  code: z.string().optional(),
  class: ErrorClass,
  /** The version of the worker that ran it. */
  version: z.string().optional(),
})
type Judged = z.output<typeof Judged>

/** The value of the hash's field `k1nError`. */
export const judgedText = (
  attempt: number,
  { name, code, class: errorClass }: JobError,
  version: string | undefined,
): string => JSON.stringify({ attempt, name, code, class: errorClass, version } satisfies Record<keyof Judged, unknown>)

const classOf = new Map<string, ErrorClass>(
  Object.entries({ timeout: 'timeout', permanent: 'permanent', poison: 'permanent' }),
)
const MESSAGE_MAX = 2_000
const STACK_MAX = 8_000

/** What a job's hash must be read with to tell its error, and the version it failed under. */
export const VERSION_FIELDS: readonly JobField[] = ['atm', 'failedReason', 'k1nError']
export const ERROR_FIELDS: readonly JobField[] = [...VERSION_FIELDS, 'stacktrace', 'k1nReason']

/** The error of the newest failed attempt; undefined for a job that has not failed yet. */
export const errorOf = (job: RawJob): JobError | undefined => {
  if (job.failedReason === undefined && job.stacktrace.length === 0) return undefined
  const stack = job.stacktrace.at(-1)
  const told = toldBy(stack)
  const {
    name,
    code,
    class: errorClass,
  } = judgedOf(job) ?? { ...told, class: classOf.get(job.reason ?? '') ?? 'unknown' }
  return {
    name,
    message: (job.failedReason ?? told.message).slice(0, MESSAGE_MAX),
    ...(code === undefined ? {} : { code }),
    class: errorClass,
    ...(stack ? { stack: stack.slice(0, STACK_MAX) } : {}),
  }
}

/** The version of the worker that ran the newest failed attempt; undefined for workers of others, who tell none. */
export const versionOf = (job: RawJob): string | undefined => judgedOf(job)?.version

/** Nothing when another worker has failed the job since. One that got another life counts from zero, its error gone. */
const judgedOf = ({ judged, attemptsMade, failedReason }: RawJob): Judged | undefined => {
  const said = judged === undefined ? undefined : Judged.safeParse(parseJson(judged)).data
  return said && (failedReason === undefined || said.attempt === attemptsMade) ? said : undefined
}

/** The first line of a trace, such as `TypeError: x is not a function` or `Error [CODE]: …`. */
const toldBy = (stack: string | undefined): { name: string; code: string | undefined; message: string } => {
  const named = /^([A-Za-z_$][\w$.]{0,60})(?: \[([\w.-]{1,60})\])?(?:: (.*))?$/.exec(stack?.split('\n', 1)[0] ?? '')
  return { name: named?.[1] ?? 'Error', code: named?.[2], message: named?.[3] ?? '' }
}
