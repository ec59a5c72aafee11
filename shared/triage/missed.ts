// Telling an index that deaths may have passed it by: from that very step on it is no longer ready, until the failed set was
// looked through again.
import type { Bull } from '../bullmq/bullmq.ts'
import { finite } from '../bullmq/newest.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { readBuilt, say } from './built.ts'
import type { Built } from './built.ts'
import type { IndexOps } from './dead-index.ts'

/** Clocks of workers say when a job died, Redis's clock when that was told; they may differ by this. */
const SKEW_MS = 3_600_000

/** Collects that deaths after this moment (epoch ms; -Infinity for all) may be missing. To be done alone on the queue's index. */
export const missedSince = async (
  kernel: Kernel,
  bull: Bull,
  ops: Pick<IndexOps, 'swap'>,
  queue: string,
  moment: number,
): Promise<void> => {
  const built = await readBuilt(kernel, queue)
  const at = moment === -Infinity ? '-inf' : String(moment - SKEW_MS)
  if (!goesPast(built, at)) return
  const total = await kernel.redis.zcount(bull.keys(queue).failed, at, '+inf').catch(() => 0)
  say(kernel, ops, queue, built, { ...built, phase: 'adding', at, skip: 0, scan: '0', done: 0, total })
}

/** Whether whoever makes or mends the index has gone past this score already, and would not come by it again. */
const goesPast = ({ phase, at: reached }: Built, at: string): boolean =>
  phase !== 'wanted' && (phase !== 'adding' || finite(reached) > finite(at))
