// What the job of a delivery that cannot be sent now is told to wait for.
import { ServiceHeld } from '../calls/entry.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Hold } from '../services/words.ts'

export type WaitCause = 'breaker' | 'concurrency' | 'budget'

/** A job that lies in a line comes by itself after so long, whatever happens: a line may be forgotten, a delivery not. */
export const ASLEEP_MS = 600_000

const WHY: Readonly<Record<WaitCause, string>> = {
  breaker: 'it did not answer well lately',
  concurrency: 'all its places are taken',
  budget: 'its rate is used up',
}

/** `reason` where it is another one than that the endpoint is not sent to now. */
export const sleepFor = (
  { clock }: Pick<Kernel, 'clock'>,
  webhookId: string,
  cause: WaitCause,
  reason = `${webhookId} is not sent to now: ${WHY[cause]}`,
): Hold => ({ service: webhookId, cause, untilMs: clock.now() + ASLEEP_MS, reason, isOwnTime: true })

export const asleep = (...of: Parameters<typeof sleepFor>): ServiceHeld => new ServiceHeld(sleepFor(...of))
