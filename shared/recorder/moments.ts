// Once a minute, how everything stands is kept, so that it can be told later.
import type { Bull } from '../bullmq/bullmq.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { minuteOf } from '../metrics/buckets.ts'
import type { TakeMoment } from '../rewind/take.ts'
import type { RecorderStore } from './store.ts'

/** Makes the function that is called once a round: it looks and keeps in the first round of each minute. That it does not
 *  succeed keeps nobody from recording; the next round tries again. */
export const createMomentKeeper = (
  kernel: Kernel,
  store: Pick<RecorderStore, 'keepMoment'>,
  take: TakeMoment | undefined,
) => {
  let kept = -1
  return async (queues: readonly string[], count: Bull['counts']): Promise<void> => {
    const minute = minuteOf(kernel.clock.now())
    if (take === undefined || minute === kept) return
    try {
      const { at, moment } = await take(queues, count)
      await store.keepMoment(at, moment)
      kept = minute
    } catch (error) {
      kernel.log.warn('how things stand could not be kept', { error })
    }
  }
}
