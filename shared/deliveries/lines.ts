// The lines of endpoints that cannot be sent to at once: their deliveries lie there, asleep, until their endpoint is asked
// again, so that nobody fetches them again and again meanwhile.
import type { Bull } from '../bullmq/bullmq.ts'
import type { Hastened } from '../bullmq/hasten.ts'
import { webhookDeliver } from '../catalog/webhook-deliver.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { loop } from '../kernel/service.ts'
import type { Service } from '../kernel/service.ts'
import { jobId } from './id.ts'
import type { InLine } from './line-store.ts'
import type { DeliveryStore } from './store.ts'

const EVERY_MS = 250
/** Deliveries woken in one round. */
const ROUND_MAX = 50
/** A delivery that was woken has so long to be sent before its line is looked at again. */
const AGAIN_MS = 20_000
/** One that was not asleep yet when it was woken, or whose job was not there yet, is woken again. */
const SOON_MS = 250

export interface Lines extends Service {
  /** Wakes deliveries of an endpoint that answers again, or that has places free. */
  next(webhookId: string, most: number): Promise<void>
  /** Wakes deliveries. */
  wake(deliveries: readonly InLine[]): Promise<void>
}

/** `room` says how many endpoints that do not answer well may be tried now, and how many of those that have failed. */
export const createLines = (
  kernel: Kernel,
  { bull, store, room }: { bull: Bull; store: DeliveryStore; room: () => { all: number; failing: number } },
): Lines => {
  const { clock } = kernel
  const wake = async (deliveries: readonly InLine[]): Promise<void> => {
    if (deliveries.length === 0) return
    const answers = await bull.hasten(webhookDeliver.queue, keysOf(deliveries).map(jobId))
    const whose = (answer: Hastened) => deliveries.filter((_each, index) => answers[index] === answer)
    const [early, absent] = [whose('not_delayed'), whose('missing')]
    const [isOpen, isNew] = await Promise.all([store.areOpen(keysOf(early)), store.areNew(keysOf(absent))])
    const again = [...early.filter((_each, index) => isOpen[index]), ...absent.filter((_each, index) => isNew[index])]
    await Promise.all(again.map((each) => store.join({ ...each, lookAt: clock.now() + SOON_MS })))
    await store.awake(deliveries)
  }
  const look = async (): Promise<void> => {
    const { all, failing } = room()
    await wake(await store.due(ROUND_MAX, clock.now() + AGAIN_MS, all, failing))
  }
  return {
    ...loop('webhook lines', async (signal) => {
      while (!signal.aborted) {
        await clock.sleep(EVERY_MS, signal)
        await look().catch((error: unknown) => kernel.log.warn('lines of webhooks could not be looked at', { error }))
      }
    }),
    async next(webhookId, most) {
      if (most > 0) await wake((await store.pull(webhookId, most)).map((key) => ({ key, webhookId })))
    },
    wake,
  }
}

const keysOf = (deliveries: readonly InLine[]): string[] => deliveries.map(({ key }) => key)
