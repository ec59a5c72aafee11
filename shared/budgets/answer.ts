// Asking Redis for leave: an answer within half a second, or none. Nothing here throws, whatever Redis does.
import type { Kernel } from '../kernel/kernel.ts'
import { isRedisDown, isRedisSilent } from '../kernel/redis.ts'

/** Whoever asks is about to call a service: it rather comes again than waits. */
export const ANSWER_MS = 500

/** How long a refusal lasts that only says that Redis did not answer. */
export const SILENT_MS = 250

/** A connection that was there and is not: commands would wait for it to come back. */
const isGone = ({ redis }: Kernel): boolean => ['close', 'reconnecting', 'end'].includes(redis.status)

/** What `call` answers; undefined where Redis is gone, full, or takes longer than half a second. What it does after that
 *  is done and nobody hears of it, so a call must leave things safe when its answer is lost. */
export const answered = async <Answer>(kernel: Kernel, call: () => Promise<Answer>): Promise<Answer | undefined> => {
  if (isGone(kernel)) return undefined
  const abort = new AbortController()
  const late = kernel.clock.sleep(ANSWER_MS, abort.signal).then(() => undefined)
  try {
    return await Promise.race([call(), late])
  } catch (error) {
    if (!isRedisDown(error) && !isRedisSilent(error)) kernel.log.warn('Redis refused what budgets asked', { error })
    return undefined
  } finally {
    abort.abort()
  }
}
