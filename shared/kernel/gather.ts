// Several commands of one moment in one write: each write of its own costs a process as much as making the command does.
import type { Writable } from 'node:stream'

/** So many leave together at most: Redis has work while the rest are made. */
const TOGETHER_MAX = 16

/** Answers what is called before each write to a stream. The first of a moment leaves at once, so that what comes alone waits for
 *  nothing; those after it leave together when all promises that are settled have been heard, which is before the process
 *  waits for anything. */
export const createGather = (streamOf: () => Writable | undefined): (() => void) => {
  let sent = 0
  let held: Writable | undefined
  const release = (): void => {
    held?.uncork()
    held = undefined
  }
  const end = (): void => {
    sent = 0
    release()
  }
  return () => {
    if (sent++ === 0) return process.nextTick(end)
    if (sent % TOGETHER_MAX === 0) release()
    if (held === undefined) {
      held = streamOf()
      held?.cork()
    }
  }
}
