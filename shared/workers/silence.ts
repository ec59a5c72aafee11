// Notices worker processes that went without a word: their host is gone or stands still, and so does whoever would tell.
import { fact } from '../kernel/event.ts'
import { toIso } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { isRedisDown } from '../kernel/redis.ts'
import { loop } from '../kernel/service.ts'
import type { Service } from '../kernel/service.ts'
import { createEventLog } from '../stream/log.ts'
import type { EventLog } from '../stream/log.ts'
import { WorkerStalled } from './contract.ts'
import { createRegistry } from './registry.ts'

const EVERY_MS = 5_000
/** One that beats again and falls silent again within this time is told once. */
const TOLD_MS = 3_600_000

/** Every process of the API looks; each silence is told by one of them. */
export const createSilenceWatch = (kernel: Kernel): Service => {
  const log = createEventLog(kernel)
  return loop('silent workers', async (signal) => {
    while (!signal.aborted) {
      await tellSilent(kernel, log).catch((error: unknown) => {
        if (!isRedisDown(error)) kernel.log.warn('silent workers could not be looked for', { error })
      })
      await kernel.clock.sleep(EVERY_MS, signal)
    }
  })
}

/** Answers those it told. */
export const tellSilent = async (kernel: Kernel, log: EventLog): Promise<string[]> => {
  const told: string[] = []
  for (const { id, host, slots, last_seen_at } of await createRegistry(kernel).silent()) {
    const isOurs = await kernel.redis.set(kernel.key('workers', 'silence', id), '1', 'PX', TOLD_MS, 'NX')
    if (isOurs !== 'OK') continue
    const about = { worker_id: id, queues: Object.keys(slots), host, last_seen_at: toIso(last_seen_at) }
    await log.append([fact(WorkerStalled, kernel.clock.now(), about)])
    told.push(id)
  }
  return told
}
