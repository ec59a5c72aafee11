// A job's last error, told from what BullMQ keeps of it.
import type { RawJob } from '../bullmq/bullmq.ts'
import type { ErrorClass } from '../retries/words.ts'
import type { JobError } from './words.ts'

const classOf: Record<string, ErrorClass> = { timeout: 'timeout', permanent: 'permanent', poison: 'permanent' }
const MESSAGE_MAX = 2_000
const STACK_MAX = 8_000

/** The error of the newest failed attempt; undefined for a job that has not failed yet. */
export const errorOf = (job: RawJob): JobError | undefined => {
  if (job.failedReason === undefined && job.stacktrace.length === 0) return undefined
  const stack = job.stacktrace.at(-1)
  const named = /^([A-Za-z_$][\w$.]{0,60})(?: \[([\w.-]{1,60})\])?(?:: (.*))?$/.exec(stack?.split('\n', 1)[0] ?? '')
  return {
    name: named?.[1] ?? 'Error',
    message: (job.failedReason ?? named?.[3] ?? '').slice(0, MESSAGE_MAX),
    ...(named?.[2] ? { code: named[2] } : {}),
    class: classOf[job.reason ?? ''] ?? 'unknown',
    ...(stack ? { stack: stack.slice(0, STACK_MAX) } : {}),
  }
}
