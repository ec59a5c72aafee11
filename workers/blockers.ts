// Handlers that hold up their process, by how long they usually take before they let go of it.
import type { AnyHandlers } from '../shared/catalog/handler.ts'

/** Above this, what was said of other jobs does not wait for such a handler. */
const BLOCKS_MS = 1
/** How much one call changes the picture: a pause to collect garbage says nothing of a handler. */
const WEIGHT = 1 / 8
/** Taken of one that was never called, until a dozen calls and a few have shown otherwise: what ends a process is seen but once. */
const UNKNOWN_MS = 8

type Handler = AnyHandlers[string]

/** The same handlers; `before` is called before each that may hold up the process. What one does after it has waited for
 *  something is not seen. */
export const besideBlockers = (
  handlers: AnyHandlers,
  before: () => void,
  now: () => number = () => performance.now(),
): AnyHandlers =>
  Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, watched(handler, before, now)]))

const watched = (handler: Handler, before: () => void, now: () => number): Handler => {
  let usualMs = UNKNOWN_MS
  return (context) => {
    if (usualMs > BLOCKS_MS) before()
    const begun = now()
    try {
      return handler(context)
    } finally {
      usualMs += (now() - begun - usualMs) * WEIGHT
    }
  }
}
