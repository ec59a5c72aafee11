// Reads the credential of a request: a bearer token, an API key header, or the dashboard's cookie.
import type { IncomingMessage } from 'node:http'
import type { Auth } from '../../shared/auth/auth.ts'
import type { Principal } from '../../shared/auth/contract.ts'
import { sameText } from '../../shared/auth/sessions.ts'
import { isProblem } from '../../shared/kernel/problem.ts'
import { CsrfFailed, InvalidHeader, InvalidToken, Unauthenticated } from '../../shared/kernel/problems.ts'
import type { Ctx } from './state.ts'

export const ANONYMOUS: Principal = { kind: 'anonymous', id: 'anonymous', name: 'anonymous', scopes: [], queues: [] }

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** The cookie's name: the `__Host-` prefix binds it to this host, but browsers take it over https only. */
export const cookieName = (publicUrl: string): string =>
  publicUrl.startsWith('https:') ? '__Host-k1n_session' : 'k1n_session'

/** One cookie's value; undefined when it is absent. */
export const readCookie = (header: string | undefined, name: string): string | undefined => {
  if (header === undefined) return undefined
  const found = header.split(';').find((part) => part.trimStart().startsWith(name + '='))
  return found?.slice(found.indexOf('=') + 1).trim()
}

const one = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(',') : value

/** The key in the headers. Two ways at once are refused, as it would be unclear which one counts. */
const readKey = (req: IncomingMessage): string | undefined => {
  const { authorization } = req.headers
  const apiKey = one(req.headers['x-api-key'])
  if (authorization === undefined) return apiKey
  if (apiKey !== undefined)
    throw InvalidHeader('Send the key either as Authorization or as X-API-Key.', {
      errors: [
        { parameter: 'X-API-Key', in: 'header', code: 'duplicate', detail: 'must not come beside Authorization' },
      ],
    })
  const bearer = /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
  if (bearer === undefined) throw InvalidToken('Authorization must be `Bearer` and a key.')
  return bearer
}

/** Whether a page of this very origin sent it. */
export const sameOrigin = (req: IncomingMessage, publicUrl: string): boolean => {
  const site = req.headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  const { origin, host } = req.headers
  return (
    origin !== undefined &&
    (origin === publicUrl || origin === `http://${host ?? ''}` || origin === `https://${host ?? ''}`)
  )
}

/** A cookie goes with every request a browser makes, also those of other sites: only the dashboard knows the token. */
const checkCsrf = (req: IncomingMessage, principal: Principal, publicUrl: string): void => {
  if (safeMethods.has(req.method ?? 'GET')) return
  if (!sameOrigin(req, publicUrl)) throw CsrfFailed('The request came from another site.')
  const token = one(req.headers['x-csrf-token'])
  if (token === undefined || !sameText(token, principal.csrf ?? ''))
    throw CsrfFailed('X-CSRF-Token is absent or not right.')
}

export interface Identify {
  /** Who asks. Without any credential that is `ANONYMOUS`; with a wrong one it throws. */
  (req: IncomingMessage): Principal | Promise<Principal>
}

/** Works on bare requests, so that upgrades to a WebSocket are identified by the same rules. */
export const createIdentify = (auth: Auth, publicUrl: () => string): Identify => {
  const refused = (req: IncomingMessage, error: unknown): never => {
    const ip = req.socket.remoteAddress ?? ''
    if (isProblem(error) && error.status === 401) {
      auth.throttle.check(ip)
      auth.throttle.failed(ip)
    }
    throw error
  }
  const ofKey = (req: IncomingMessage, key: string): Principal | Promise<Principal> => {
    const principal = auth.keys.identify(key)
    return principal instanceof Promise ? principal.catch((error: unknown) => refused(req, error)) : principal
  }
  const ofSession = async (req: IncomingMessage, secret: string): Promise<Principal> => {
    const principal = await auth.sessions.identify(secret)
    if (!principal) return ANONYMOUS
    checkCsrf(req, principal, publicUrl())
    return principal
  }
  return (req) => {
    try {
      const key = readKey(req)
      if (key !== undefined) return ofKey(req, key)
    } catch (error) {
      return refused(req, error)
    }
    const secret = readCookie(req.headers.cookie, cookieName(publicUrl()))
    return secret === undefined || secret === '' ? ANONYMOUS : ofSession(req, secret)
  }
}

/** Who asks, looked up once a request; whoever asks again is told the same, a refusal too. */
export const identifyOnce = (identify: Identify, ctx: Ctx): Principal | Promise<Principal> =>
  (ctx.state.identified ??= lookUp(identify, ctx.req))

const lookUp = (identify: Identify, req: IncomingMessage): Principal | Promise<Principal> => {
  try {
    return unheard(identify(req))
  } catch (error) {
    return unheard(Promise.reject(error as Error))
  }
}

/** A refusal is no mistake of ours when nobody asks for it: what is open to all does not. */
const unheard = <Value>(found: Value | Promise<Value>): Value | Promise<Value> => {
  if (found instanceof Promise) found.catch(() => undefined)
  return found
}

/** What a request without a credential is told. */
export const demandCredential = (): never => {
  throw Unauthenticated('Send a key as `Authorization: Bearer k1n_…`, or sign in to the dashboard.')
}
