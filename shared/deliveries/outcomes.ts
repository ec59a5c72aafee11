// Writes what came of attempts, and of deliveries that end without one.
import { createConvoy } from '../kernel/convoy.ts'
import type { Ride } from '../kernel/convoy.ts'
import type { Fact } from '../kernel/event.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import { eventLogKey, factArgs } from '../stream/log.ts'
import { BEHIND, CALL_MAX, deliveryKeys } from './keys.ts'
import { pairs } from './line-store.ts'
import type { InLine } from './line-store.ts'
import { ATTEMPTS_KEPT } from './record.ts'
import type { KeptAttempt, KeptStatus } from './record.ts'

/** What came of one attempt, or of a delivery without one. */
export interface Outcome {
  readonly key: string
  readonly webhookId: string
  readonly status: KeptStatus
  readonly nextAt?: number | undefined
  readonly attempt?: KeptAttempt
  /** Told in the same step, and once, when the delivery is given up. */
  readonly told?: Fact
}

const attemptedScript = script(new URL('./attempted.lua', import.meta.url))

/** Makes the function that writes an outcome; those of one moment travel together. Answers deliveries that waited for one of those
 *  and may go on, which the first of them looks after. */
export const createOutcomes = (kernel: Kernel): ((outcome: Outcome) => Ride<InLine[]>) => {
  const { prefix, looks } = deliveryKeys(kernel)
  const keys = [prefix, eventLogKey(kernel), looks]
  return createConvoy(CALL_MAX, async (outcomes: readonly Outcome[]) => {
    const args: (string | number)[] = [kernel.clock.now(), ATTEMPTS_KEPT, BEHIND]
    for (const outcome of outcomes) pushRow(args, outcome)
    return pairs((await attemptedScript(kernel.redis, keys, args)) as string[])
  })
}

const pushRow = (args: (string | number)[], { key, webhookId, status, nextAt, attempt, told }: Outcome): void => {
  args.push(key, webhookId, status, nextAt ?? '', attempt === undefined ? '' : JSON.stringify(attempt))
  if (told === undefined) args.push('', '')
  else args.push(...factArgs([told]))
}
