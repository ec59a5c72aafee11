// What the tests of rewinding share: moments kept as the recorder keeps them, now or at a time of choice.
import type { Bull } from '../../shared/bullmq/bullmq.ts'
import { createHold } from '../../shared/kernel/lease.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { leaseKey } from '../../shared/metrics/progress.ts'
import { keepMoment } from '../../shared/rewind/store.ts'
import { createTake } from '../../shared/rewind/take.ts'
import { createServices } from '../../shared/services/services.ts'

/** The kernel at another time. */
const at = (kernel: Kernel, now: number): Kernel => ({
  ...kernel,
  clock: { now: () => now, sleep: (ms, signal) => kernel.clock.sleep(ms, signal) },
})

/** Keeps how everything stands as if it were `now`; answers whether that was kept. */
export const keepAs = async (kernel: Kernel, bull: Bull, now = kernel.clock.now()): Promise<boolean> => {
  const then = at(kernel, now)
  const services = createServices(then, { declared: new Map() })
  const take = createTake(then, { bull, services, own: [] })
  const lease = createHold(kernel.redis, leaseKey(kernel), 5_000)
  await lease.acquire()
  const { at: taken, moment } = await take(await bull.discover(), (queues) => bull.counts(queues))
  const kept = await keepMoment(kernel, { key: leaseKey(kernel), token: lease.token }, taken, moment)
  await lease.release()
  return kept
}
