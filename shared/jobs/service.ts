// Which service a job calls: as it was told when the job was added, else as its kind says of its payload.
import type { z } from 'zod'
import type { RawJob } from '../bullmq/bullmq.ts'
import { asRecord, parseJson } from '../bullmq/raw-job.ts'
import type { AnyKind } from '../catalog/kind.ts'

/** Undefined for a job that calls none. Needs the payload of a job that another service added. */
export const serviceOf = (job: RawJob, kind: AnyKind | undefined): string | undefined => {
  const told = asRecord(job.opts['k1n'])['service']
  if (typeof told === 'string') return told
  const parsed = (kind?.payload as z.ZodType | undefined)?.safeParse(parseJson(job.data))
  return parsed?.success ? kind?.serviceOf(parsed.data) : undefined
}
