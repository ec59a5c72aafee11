// Preferences of a request (RFC 7240), as far as they are heard here.
import type { IncomingMessage } from 'node:http'

/** Whether the client would rather have work go on behind an answer than wait for it. */
export const prefersAsync = ({ headers: { prefer } }: IncomingMessage): boolean => {
  const said = Array.isArray(prefer) ? prefer.join(',') : (prefer ?? '')
  return said.split(',').some((preference) => /^\s*respond-async\s*(?:;|$)/i.test(preference))
}
