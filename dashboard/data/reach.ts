// One question to the server, and what is known when no answer comes.
import { clock } from '../ui/clock.ts'
import { Unreachable } from './failure.ts'

/** Longer than any answer takes to begin, the long-poll's too. */
const LATE_MS = 40_000
/** Longer than megabytes take on a slow line. */
const WHOLE_MS = 180_000

/** Answers once all of the answer is there, or throws `Unreachable`. A call on a line that died without a word is given up, also within its
 *  answer: a browser holds six connections to an origin, and while all of them hang nothing else is asked. Of one that was to change something
 *  nobody knows then whether it did, as after any lost network. */
export const reach: typeof fetch = async (input, init) => {
  const sent = Date.now()
  const late = new AbortController()
  const giveUp = (): void => late.abort()
  let timer = setTimeout(giveUp, LATE_MS)
  const signal = AbortSignal.any([late.signal, ...(init?.signal ? [init.signal] : [])])
  try {
    const response = await fetch(input, { ...init, credentials: 'same-origin', signal })
    // Before anybody sees what it holds: ages are the server's.
    clock.answered(response.headers.get('date'), sent)
    clearTimeout(timer)
    timer = setTimeout(giveUp, WHOLE_MS)
    const body = await response.arrayBuffer()
    // An answer that has none may not be given an empty one.
    return new Response(body.byteLength > 0 ? body : null, response)
  } catch (cause) {
    throw init?.signal?.aborted ? cause : new Unreachable('no answer', { cause })
  } finally {
    clearTimeout(timer)
  }
}
