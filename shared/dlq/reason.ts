// Why a job became a dead letter: what our worker said, else what BullMQ's own record allows to tell.
import type { RawJob } from '../bullmq/bullmq.ts'
import { DeathReason } from './words.ts'

export const reasonOf = (job: RawJob): DeathReason => {
  const said = DeathReason.safeParse(job.reason).data
  if (said) return said
  if (job.failedReason?.startsWith('job stalled more than')) return 'stalled'
  if (job.attemptsMade >= job.attemptsMax) return 'exhausted'
  // A foreign worker gave up with attempts left: BullMQ's UnrecoverableError.
  return job.attemptsMade > 0 ? 'permanent' : 'unknown'
}
