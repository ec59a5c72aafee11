// Jobs that are made once for all. A command that adds one may be on its way for any time, and ioredis sends it again when its
// answer is lost: by then the job may have been made, have run and have been removed, so that BullMQ takes its id for free. Both are
// decided where the command arrives: the job leaves a trace in the same step, and from a moment on it is not made.
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { BullKeys } from './keys.ts'

export interface Once {
  /** From this moment on the command makes nothing, epoch ms by the clock of Redis. Well within a minute after its sender saw
   *  that the job is still to be made. */
  readonly until: number
}

/** How long a trace is kept of a job whose maker was killed before it could say that nobody makes it any more. */
export const TRACE_MS = 86_400_000

/** How long a trace outlives that. Commands that were sent before must be late by then, even by the clock of another Redis
 *  that has taken over. */
const FORGOTTEN_MS = 60_000

/** Nobody begins to make the job any more: what was sent before is late within a minute. */
export const forgetMade = async ({ redis }: Kernel, keys: BullKeys, { id }: Address): Promise<void> => {
  await redis.pexpire(keys.made(id), FORGOTTEN_MS, 'LT')
}
