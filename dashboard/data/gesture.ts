// One thing somebody did: it has one effect, however often its request must be sent, and its outcome is said.
import { toasts, type Toast } from '../ui/toasts.ts'
import { failureLine, failureOf, type Failure } from './failure.ts'

interface Gesture<Answer> {
  /** The verb as a noun, for when it fails: "Resubmitting". */
  doing: string
  /** One that takes the key is sent again when the network is lost; one that does not is sent once. */
  call: (idempotencyKey: string) => Promise<Answer>
  /** What is said when it is done, and where that leads. */
  done: (answer: Answer) => string
  leads?: (answer: Answer) => NonNullable<Toast['link']>
  /** What can be done about it right there, such as taking it back. */
  offers?: (answer: Answer) => NonNullable<Toast['action']>
}

const RETRY_MS = 400
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')

const once = async <Answer>(call: (key: string) => Promise<Answer>): Promise<Answer> => {
  const key = newKey()
  try {
    return await call(key)
  } catch (error) {
    // Without the key a second request could have a second effect, such as another API key that nobody has.
    if (failureOf(error).kind !== 'offline' || call.length === 0) throw error
    await pause(RETRY_MS)
    return await call(key)
  }
}

/** Without an answer nobody knows whether it was done, and doing it again would carry another key. */
const afterAGesture = (failure: Failure): Failure =>
  failure.kind === 'offline'
    ? { ...failure, detail: 'k1n did not answer. It may have been done: look first.' }
    : failure

/** Does it and says so in a toast. A lost network is tried once more with the same key, where it takes one. Answers what came, or the failure
 *  that was already told. */
export const perform = async <Answer>(gesture: Gesture<Answer>): Promise<{ answer: Answer } | { failure: Failure }> => {
  try {
    const answer = await once(gesture.call)
    const [link, action] = [gesture.leads?.(answer), gesture.offers?.(answer)]
    toasts.done(gesture.done(answer), { ...(link && { link }), ...(action && { action }) })
    return { answer }
  } catch (error) {
    const failure = afterAGesture(failureOf(error))
    toasts.error(failureLine(gesture.doing, failure))
    return { failure }
  }
}
