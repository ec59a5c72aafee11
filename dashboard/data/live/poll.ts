// Listening by asking again and again; each question waits at the server until there is something to say.
import { readFrame } from './frames.ts'
import { gatherWants, type Wanted } from './wanted.ts'
import type { Hears, OpenWire } from './wire.ts'

export interface Question {
  topics: string[]
  after: string | undefined
  signal: AbortSignal
}
/** Asks once; answers frames and where to go on. */
export type Ask = (question: Question) => Promise<{ data: unknown[]; cursor: string }>

/** From one question to the next, where an answer told something: without it, a busy system is asked a hundred times a second. */
const PACE_MS = 75
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const talk = async (
  ask: Ask,
  hears: Hears,
  wanted: Wanted,
  over: AbortSignal,
  turn: () => AbortSignal,
): Promise<void> => {
  let cursor = wanted.after()
  while (!over.aborted) {
    const mine = turn()
    const asked = performance.now()
    try {
      const { data, cursor: next } = await ask({
        topics: wanted.topics(),
        after: cursor,
        signal: AbortSignal.any([over, mine]),
      })
      for (const frame of data.map(readFrame)) if (frame) hears.frame(frame)
      hears.frame({ type: 'pong', at: undefined, cursor: next })
      cursor = next
      const rest = asked + PACE_MS - performance.now()
      if (data.length > 0 && rest > 0) await pause(rest)
    } catch (error) {
      if (!mine.aborted || over.aborted) throw error
    }
  }
}

/** Answers how to open a conversation of long polls, one question at a time. */
export const openPoll =
  (ask: Ask): OpenWire =>
  (hears) => {
    const over = new AbortController()
    let turn = new AbortController()
    let talking = false
    const end = (): void => {
      if (over.signal.aborted) return
      over.abort()
      hears.closed()
    }
    const changed = (): void => {
      turn.abort()
      turn = new AbortController()
      if (talking || over.signal.aborted) return
      talking = true
      talk(ask, hears, wanted, over.signal, () => turn.signal).catch(end)
    }
    const wanted = gatherWants(changed)
    queueMicrotask(() => {
      if (!over.signal.aborted) hears.open()
    })
    return { ...wanted, ping: () => undefined, close: () => over.abort() }
  }
