// Tidies the inbox once a minute: what was discarded goes for good, and what is kept keeps to its limits.
import type { Bull } from '../bullmq/bullmq.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { loop } from '../kernel/service.ts'
import type { Service } from '../kernel/service.ts'
import { createEventLog } from '../stream/log.ts'
import { emptyBin } from './bin.ts'
import { expire } from './expire.ts'
import type { Limits } from './expire.ts'

const EVERY_MS = 60_000
/** One process of a fleet tidies in each round; the others find it done. */
const TURN_MS = 50_000
const DAY_MS = 86_400_000

export const createJanitor = (kernel: Kernel, bull: Bull): Service =>
  loop('dead letters', async (signal) => {
    while (!signal.aborted) {
      await kernel.clock.sleep(EVERY_MS, signal)
      if (signal.aborted) return
      await tidy(kernel, bull, signal).catch((error: unknown) =>
        kernel.log.warn('dead letters could not be tidied', { error }),
      )
    }
  })

/** One round, unless another process has the turn. Answers whether it was ours. */
export const tidy = async (kernel: Kernel, bull: Bull, signal: AbortSignal): Promise<boolean> => {
  const turn = await kernel.redis.set(kernel.key('dlq', 'janitor'), '1', 'PX', TURN_MS, 'NX')
  if (turn !== 'OK') return false
  await emptyBin({ kernel, bull }, signal)
  const limits = limitsOf(kernel.settings)
  if (Object.values(limits).every((limit) => limit === undefined)) return true
  const queues = (await bull.current()).filter((queue) => kernel.settings.K1N_ATTACH === 'own' || bull.isOwn(queue))
  await expire({ kernel, bull, log: createEventLog(kernel) }, queues, limits, signal)
  return true
}

/** Zero means no limit. */
export const limitsOf = (settings: Kernel['settings']): Limits => ({
  ageMs: settings.K1N_DLQ_MAX_AGE_DAYS * DAY_MS || undefined,
  count: settings.K1N_DLQ_MAX_COUNT || undefined,
  bytes: settings.K1N_DLQ_MAX_BYTES || undefined,
})
