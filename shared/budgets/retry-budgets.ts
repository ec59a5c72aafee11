// Retry budgets: retries are a share of first attempts, so that they cannot keep a sick service down.
import { randomBytes } from 'node:crypto'
import type { Kernel } from '../kernel/kernel.ts'
import { loop } from '../kernel/service.ts'
import type { Service } from '../kernel/service.ts'
import type { Grant } from './meter.ts'
import { createRetryBucket } from './retry-bucket.ts'
import type { RetryBucket } from './retry-bucket.ts'
import { createShelf } from './shelf.ts'
import type { RetryBudget } from './words.ts'

export interface RetryBudgets {
  /** Counts a first attempt, which makes `ratio` of a retry possible. Redis hears of it within 250 ms. */
  first(service: string, config: RetryBudget): void
  /** Leave for one retry. One that is refused is to be postponed until `untilMs`, never dropped: those that are refused get
   *  times one after another, as fast as retries have become possible lately and at most a minute ahead.
   *
   *  Over all processes there are never more retries than `ratio` of the first attempts, `capacity`, and `floor_per_s` for
   *  each second. Never throws because of Redis: without it retries are refused for a quarter of a second at a time. */
  take(service: string, config: RetryBudget): Promise<Grant>
  /** A retry that had leave was not made, because something else kept it back: the next one of this process has it. */
  giveBack(service: string): void
}

const FLUSH_MS = 250

/** First attempts are told to Redis once it is started; stopping tells the rest. */
export const createRetryBudgets = (kernel: Kernel): RetryBudgets & Service => {
  const sender = randomBytes(6).toString('base64url')
  const buckets = createShelf<RetryBucket>((service) => createRetryBucket(kernel, service, sender))
  const flush = (): Promise<void> => buckets.each((bucket) => bucket.flush())
  const flushing = loop('retry budgets', async (signal) => {
    while (!signal.aborted) {
      await kernel.clock.sleep(FLUSH_MS, signal)
      await flush()
      buckets.forgetIdle()
    }
  })
  return {
    ...flushing,
    first: (service, config) => buckets.of(service).first(config),
    take: (service, config) => buckets.of(service).take(config),
    giveBack: (service) => buckets.of(service).giveBack(),
    async stop() {
      await flushing.stop()
      await flush()
    },
  }
}
