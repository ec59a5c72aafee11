// One question to the server, and what is known when no answer comes.
import { clock } from '../ui/clock.ts'
import { Unreachable } from './failure.ts'

/** Longer than any answer takes to begin, the long-poll's too, or is silent in its middle. */
const LATE_MS = 40_000

/** Answers once all of the answer is there, or throws `Unreachable`. A call on a line that died without a word is given up, also within its
 *  answer, and one that is only slow is not: a browser holds six connections to an origin, and while all of them hang nothing else is asked.
 *  Of one that was to change something nobody knows then whether it did, as after any lost network. */
export const reach: typeof fetch = async (input, init) => {
  const sent = Date.now()
  const late = new AbortController()
  const signals = [late.signal, ...(init?.signal ? [init.signal] : [])]
  let timer: ReturnType<typeof setTimeout> | undefined
  const wait = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => late.abort(), LATE_MS)
  }
  try {
    wait()
    const response = await fetch(input, { ...init, credentials: 'same-origin', signal: AbortSignal.any(signals) })
    // Before anybody sees what it holds: ages are the server's.
    clock.answered(response.headers.get('date'), sent)
    // What is read of a clone is kept for who asked.
    await response.clone().body?.pipeTo(new WritableStream({ start: wait, write: wait }))
    return response
  } catch (cause) {
    throw init?.signal?.aborted ? cause : new Unreachable('no answer', { cause })
  } finally {
    clearTimeout(timer)
  }
}
