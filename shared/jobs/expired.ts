// Jobs that had to start by a moment and did not. They lie among BullMQ's failed ones, as cancelled ones do, and are neither.
import { asRecord } from '../bullmq/raw-job.ts'
import type { RawJob } from '../bullmq/raw-job.ts'

/** What the field that marks a cancelled job says of one that expired: no reason that somebody gives can be this. */
export const EXPIRED = '\u0000expired'

/** What BullMQ keeps as the reason of its failure. */
export const EXPIRED_REASON = 'expired: it was not started in time'

export const EXPIRING = { mark: EXPIRED, reason: EXPIRED_REASON }

export const isExpired = ({ cancelled }: Pick<RawJob, 'cancelled'>): boolean => cancelled === EXPIRED

/** When a job expires, epoch ms; undefined for one that never does. */
export const expiryOf = (opts: Readonly<Record<string, unknown>>): number | undefined => {
  const extras = opts['k1n']
  if (extras === undefined) return undefined
  const at = asRecord(extras)['expires_at']
  return typeof at === 'number' && Number.isFinite(at) ? at : undefined
}
