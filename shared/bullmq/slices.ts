// Long lists by script calls of a bounded size, so that none of them holds up Redis.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Kernel } from '../kernel/kernel.ts'
import type { BullKeys } from './keys.ts'

/** Jobs changed by one script call: Redis is held for a millisecond or two. */
export const SLICE = 125
/** Calls on their way at once: Redis need not wait for the next one, and others come in between. Where calls are kept small because
 *  each passes a long line, only one: two of them are done in a row, and everybody else waits for both. */
const AT_ONCE = 2

/** Members of a list that one call may pass while it looks for its jobs: some ten milliseconds. */
const PASSED_MAX = 250_000

/** How many jobs that wait without a priority one call may look for: each is looked for along the whole line. */
export const sliceInLine = async ({ redis }: Kernel, { wait }: Pick<BullKeys, 'wait'>): Promise<number> =>
  Math.max(1, Math.min(SLICE, Math.floor(PASSED_MAX / Math.max(1, await redis.llen(wait)))))

/** Runs `work` over slices of the list, of at most `most`, and answers their answers in order. */
export const inSlices = async <Item, Answer>(
  items: readonly Item[],
  work: (slice: readonly Item[]) => Promise<Answer[]>,
  most = SLICE,
): Promise<Answer[]> => {
  const answers: Answer[][] = []
  let next = 0
  const takeTurns = async (lane: number): Promise<void> => {
    // Each in a write of its own: what reaches Redis together is answered together, and then Redis and this process only ever
    // wait for each other.
    if (lane > 0) await nextTurn()
    while (next * most < items.length) {
      const turn = next++
      answers[turn] = await work(items.slice(turn * most, (turn + 1) * most))
    }
  }
  const lanes = most < SLICE ? 1 : AT_ONCE
  await Promise.all(Array.from({ length: lanes }, (_, lane) => takeTurns(lane)))
  return answers.flat()
}
