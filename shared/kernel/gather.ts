// Several commands of one moment in one write: each write of its own costs a process as much as making the command does.
import type { Writable } from 'node:stream'

/** After so many what is held leaves: Redis has work while the rest are made. */
const TOGETHER_MAX = 16

export interface Gather {
  /** To be called before each write to the stream. The first of a moment leaves at once, so that what comes alone waits for
   *  nothing; those after it leave together at the end of the tick they were made in or, where promises made them, when all
   *  settled promises have been heard. */
  next(): void
  /** Lets what is held leave now: before work that may hold up the process, or end it. */
  release(): void
}

export const createGather = (streamOf: () => Writable | undefined): Gather => {
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
  return {
    release,
    next() {
      if (sent++ === 0) {
        process.nextTick(end)
        return
      }
      if (sent % TOGETHER_MAX === 0) release()
      if (held === undefined) {
        held = streamOf()
        held?.cork()
      }
    },
  }
}
