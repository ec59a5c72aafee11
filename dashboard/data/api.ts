// The API as functions, typed by the contract; types only, no schema is shipped.
import paths from 'virtual:k1n-routes'
import type { K1nContract } from '../../shared/contract.ts'
import { createClient, type Client, type Routes } from '../../shared/kernel/client.ts'
import { clock } from '../ui/clock.ts'
import { Unreachable } from './failure.ts'
import { session } from './session.ts'
import type { UNCALLED } from './uncalled.ts'

type Uncalled = typeof UNCALLED
/** The contract as far as the dashboard calls it. */
type Called = {
  readonly [Room in keyof K1nContract]: Omit<
    K1nContract[Room],
    Room extends keyof Uncalled ? Uncalled[Room][number] : never
  >
}
export type Api = Client<Called>

const routes = paths as Routes<Called>
const base = new URL(document.baseURI).href.replace(/\/$/, '')

/** Longer than any answer takes to begin, the long-poll's too. */
const LATE_MS = 40_000

/** A call on a line that died without a word is given up: a browser holds six connections to an origin, and while all of them hang nothing
 *  else is asked. Of one that was to change something nobody knows then whether it did, as after any lost network. */
const reach: typeof fetch = async (input, init) => {
  const sent = Date.now()
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), LATE_MS)
  const signal = AbortSignal.any([late.signal, ...(init?.signal ? [init.signal] : [])])
  try {
    const response = await fetch(input, { ...init, credentials: 'same-origin', signal })
    // Before anybody sees what it holds: ages are the server's.
    clock.answered(response.headers.get('date'), sent)
    return response
  } catch (cause) {
    throw init?.signal?.aborted ? cause : new Unreachable('no answer', { cause })
  } finally {
    clearTimeout(timer)
  }
}

/** Sends a request; an answer of 401 to anything but signing in means the session is over. */
const send: typeof fetch = async (input, init) => {
  const response = await reach(input, init)
  if (response.status === 401 && !(typeof input === 'string' && input.endsWith(routes.auth.signIn.path)))
    session.closed()
  return response
}

const csrf = (): Record<string, string> => (session.csrf === undefined ? {} : { 'x-csrf-token': session.csrf })

/** `api.jobs.list({ query })`; every answer that is not 2xx is thrown as `ApiError`. */
export const api: Api = createClient<Called>(routes, { origin: base, headers: csrf, fetch: send })

/** The same for a last word: what it sends arrives also when the page is left meanwhile, and an answer of 401 ends nothing. */
export const partingClient = (): Api =>
  createClient<Called>(routes, {
    origin: base,
    headers: csrf,
    fetch: (input, init) => reach(input, { ...init, keepalive: true }),
  })

/** Where a stream of this origin lives, for transports that are no calls. */
export const streamUrl = (route: 'sse'): string => `${base}/api/v2${routes.stream[route].path}`
