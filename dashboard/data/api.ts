// The API as functions, typed by the contract; types only, no schema is shipped.
import paths from 'virtual:k1n-routes'
import type { K1nContract } from '../../shared/contract.ts'
import { createClient, eachRow, type Client, type Route, type Routes } from '../../shared/kernel/client.ts'
import { reach } from './reach.ts'
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

const routeOf = (text: string): Route => {
  const [method, path, at] = text.split(' ')
  return { method, path, at } as Route
}
const routes = eachRow(paths, routeOf) as Routes<Called>
const base = new URL(document.baseURI).href.replace(/\/$/, '')

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
