// Long lists by script calls of a bounded size, so that none of them holds up Redis.
import { setImmediate as nextTurn } from 'node:timers/promises'

/** Jobs changed by one script call: Redis is held for a millisecond or two. */
export const SLICE = 125
/** Calls on their way at once: Redis need not wait for the next one, and others come in between. */
const AT_ONCE = 2

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
  await Promise.all(Array.from({ length: AT_ONCE }, (_, lane) => takeTurns(lane)))
  return answers.flat()
}
