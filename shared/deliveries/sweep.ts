// Deliveries that wait for a worker behind one that could not be sent go into the line of their endpoint together: fetching each of
// them to find out the same would cost the others as much as sending it.
import type { Bull } from '../bullmq/bullmq.ts'
import { webhookDeliver } from '../catalog/webhook-deliver.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { sleepFor } from './asleep.ts'
import type { WaitCause } from './asleep.ts'
import { jobId, keyOfId } from './id.ts'
import type { Joining } from './line-store.ts'
import type { DeliveryStore } from './store.ts'

/** One that was put into its endpoint's line. */
export interface Lined extends Joining {
  readonly cause: WaitCause
}

/** Hears of each that was put into a line for what does not pass in a moment; when it is one of many of its endpoint it looks for the others. */
export type Sweep = (lined: Lined) => Promise<void> | undefined

/** How far from the front of the queue it looks: as many as are fetched within a good part of a second. */
const NEAR = 1_000
/** So many of one endpoint within `LATELY_MS` say that there are more. */
const MANY = 3
const LATELY_MS = 1_000
/** Looking costs as much as fetching a few; where it finds fewer it was not worth it, and waits before the next time. */
const WORTHWHILE = 8
const RARE_MS = 1_000
const KNOWN_MAX = 1_000

interface Seen {
  count: number
  since: number
}

export const createSweep = (kernel: Kernel, { bull, store }: { bull: Bull; store: DeliveryStore }): Sweep => {
  const { clock } = kernel
  const { queue } = webhookDeliver
  const seen = new Map<string, Seen>()
  let isUnderWay = false
  let notBefore = 0

  const isOneOfMany = (webhookId: string): boolean => {
    const now = clock.now()
    const lately = seen.get(webhookId)
    if (lately === undefined || now - lately.since > LATELY_MS) {
      if (seen.size >= KNOWN_MAX) seen.clear()
      seen.set(webhookId, { count: 1, since: now })
      return false
    }
    lately.count++
    return lately.count >= MANY && now >= notBefore
  }
  /** One that is fetched just now joins as well: it is woken for nothing later, or asked again a little early after it failed. That is
   *  better than a job that sleeps and stands in no line, as it would when this process died after the other order. */
  const sweep = async (lined: Lined): Promise<void> => {
    const { webhookId } = lined
    const keys = await store.openAmong(webhookId, (await bull.next(queue, NEAR)).map(keyOfId))
    await Promise.all(keys.map((key) => store.join({ ...lined, key })))
    const { service, cause, untilMs: until, reason } = sleepFor(kernel, webhookId, lined.cause)
    const mark = { service, cause, until, since: clock.now(), reason }
    await bull.putOff(queue, keys.map(jobId), { until, mark, within: NEAR })
    if (keys.length < WORTHWHILE) notBefore = clock.now() + RARE_MS
  }
  return (lined) => {
    if (!isOneOfMany(lined.webhookId) || isUnderWay) return undefined
    isUnderWay = true
    seen.delete(lined.webhookId)
    return sweep(lined).finally(() => (isUnderWay = false))
  }
}
