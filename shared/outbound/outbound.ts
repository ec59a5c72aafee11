// Calls to URLs that users gave us: guarded, bounded in time, bytes and sockets, and failing in thirteen known ways.
import { parseCidrs } from './address.ts'
import { connect, tcpDial, type Dial } from './connect.ts'
import { Deadline, within } from './deadline.ts'
import { failure, OutboundError, outboundError } from './error.ts'
import type { Answer, Wire } from './exchange.ts'
import { allowedAddresses, checkUrl, systemResolve, USUAL_PORTS, type Rules, type UrlVerdict } from './guard.ts'
import { requestHeaders, responseHeaders } from './headers.ts'
import { parseOwnHosts } from './own-hosts.ts'
import { createKept } from './kept.ts'
import { createSlots } from './slots.ts'
import type { OutboundRequest, OutboundResponse, Resolve } from './types.ts'

export { OUTBOUND_CODES, OutboundError, type OutboundCode } from './error.ts'
export type { Dial } from './connect.ts'
export type { UrlVerdict } from './guard.ts'
export { refusedHeader } from './headers.ts'
export { ownHostsOf } from './own-hosts.ts'
export { retryAfterMs } from './retry-after.ts'
export type { Method, OutboundRequest, OutboundResponse, Resolve } from './types.ts'

export interface OutboundOptions {
  /** Ranges that may be called although they are not public, on any port; `K1N_HTTP_ALLOW_CIDRS`. */
  allowCidrs?: readonly string[]
  /** Ports of public addresses, 80, 443, 8080 and 8443 by default. */
  ports?: readonly number[]
  /** Takes only https and only names, outside the allowed ranges. `but_http` takes plain http too. */
  strict?: boolean | 'but_http'
  /** URLs of our own API and Redis, refused even inside an allowed range. */
  ownHosts?: readonly string[]
  /** Deadline of a whole attempt, default 15 s. */
  timeoutMs?: number
  /** For name, TCP and TLS together, default 3 s. */
  connectTimeoutMs?: number
  /** Connections at a time to one origin (default 50) and in all (default 256); further calls wait, within their deadline. */
  socketsPerOrigin?: number
  socketsTotal?: number
  /** How long a connection is kept for the next call to the same origin; 0, the default, keeps none. A call that finds a kept
   *  one ended makes its own, so that a receiver may get it twice. */
  keepMs?: number
  /** Trusted certificate authorities in PEM; Node's own when absent. */
  ca?: readonly string[]
  /** The system's resolver by default. */
  resolve?: Resolve
  /** Starts TCP connections; tests put a recorder here. */
  connect?: Dial
}

export interface Outbound {
  /** Calls once: no retry, no redirect, no decompression, and no connection reused unless `keepMs` says so. Every HTTP status but a redirect is an
   *  answer. Fails only with OutboundError, at the latest when the deadline has passed. */
  request(request: OutboundRequest): Promise<OutboundResponse>
  /** What can be said about a URL without a resolver; `request` says the last word. */
  checkUrl(url: unknown): UrlVerdict
  /** The same after asking the resolver for at most `withinMs` (default 20); no answer in time counts as good. */
  vetUrl(url: unknown, withinMs?: number): Promise<UrlVerdict>
}

const BODY_BYTES_MAX = 64 * 1024
const VERDICTS_MAX = 2_000
const TIMEOUT_MS_MAX = 3_600_000
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Loaded with the first call: undici takes 0.2 s of CPU, a quarter of what a process that calls nobody spends on its start. */
const loadWires = async () => import('./exchange.ts')

/** Throws a TypeError when a range or an own host cannot be read. */
export function createOutbound(options: OutboundOptions = {}): Outbound {
  const rules = rulesOf(options)
  const { timeoutMs = 15_000, connectTimeoutMs = 3_000, connect: dial = tcpDial, ca } = options
  const slots = createSlots(options.socketsPerOrigin ?? 50, options.socketsTotal ?? 256)

  /** What was said of a URL holds for ever; saying it costs as much as the rest of a call's preparation. */
  const verdicts = new Map<string, UrlVerdict>()
  const verdictOf = (text: string): UrlVerdict => {
    const verdict = verdicts.get(text) ?? checkUrl(text, rules)
    if (verdicts.size >= VERDICTS_MAX) verdicts.clear()
    verdicts.set(text, verdict)
    return verdict
  }
  const callable = (request: OutboundRequest): URL => {
    const verdict = verdictOf(request.url)
    if (!verdict.ok) throw new OutboundError('ssrf_blocked', verdict.detail)
    if (!METHODS.has(request.method)) throw new OutboundError('invalid_request', 'the method cannot be sent')
    return verdict.url
  }
  const kept = createKept(options.keepMs ?? 0, options.socketsTotal ?? 256)
  const keeps = (options.keepMs ?? 0) > 0

  const open = async (url: URL, signal: AbortSignal): Promise<Wire> => {
    const { wireOver } = await loadWires()
    return wireOver(await connect(url, { rules, dial, timeoutMs: connectTimeoutMs, ca }, signal), url.origin, keeps)
  }

  /** Over a connection that was kept, or a new one where that had ended before it answered. */
  async function speak(url: URL, request: Parameters<Wire['exchange']>[0], deadline: Deadline): Promise<Spoken> {
    const old = kept.take(url.origin)
    try {
      if (old !== undefined) return await over(old, url, request, deadline)
    } catch (error) {
      if (deadline.reason !== undefined || outboundError(error, url.hostname).code !== 'reset') throw error
    }
    return over(await open(url, deadline.signal), url, request, deadline)
  }
  async function over(
    wire: Wire,
    url: URL,
    request: Parameters<Wire['exchange']>[0],
    deadline: Deadline,
  ): Promise<Spoken> {
    try {
      const answer = await wire.exchange(request, BODY_BYTES_MAX, deadline)
      return { answer, peer: wire.peer }
    } finally {
      kept.put(url.origin, wire)
    }
  }

  async function attempt(url: URL, request: OutboundRequest, deadline: Deadline): Promise<OutboundResponse> {
    const started = performance.now()
    const headers = requestHeaders(request.headers ?? {})
    if (deadline.reason !== undefined) throw deadline.reason
    const slot = slots.take(url.origin, deadline)
    const giveBack = slot instanceof Promise ? await slot : slot
    try {
      const path = url.pathname + url.search
      const { answer, peer } = await speak(url, { path, method: request.method, body: request.body, headers }, deadline)
      return responseOf(answer, peer, performance.now() - started)
    } finally {
      giveBack()
    }
  }

  return {
    checkUrl: (url) => checkUrl(url, rules),
    vetUrl: (url, withinMs = 20) => vetUrl(url, rules, withinMs),
    async request(request) {
      const url = callable(request)
      const deadline = new Deadline(deadlineMs(request, timeoutMs), url.hostname, request.signal)
      try {
        return notRedirected(await attempt(url, request, deadline), url)
      } catch (error) {
        // An abort shows up as many kinds of errors; its reason is the one that is true.
        throw deadline.reason ?? outboundError(error, url.hostname)
      } finally {
        deadline.end()
      }
    },
  }
}

interface Spoken {
  answer: Answer
  peer: string
}

const rulesOf = (options: OutboundOptions): Rules => ({
  opened: parseCidrs(options.allowCidrs ?? []),
  own: parseOwnHosts(options.ownHosts ?? []),
  resolve: options.resolve ?? systemResolve,
  ports: new Set(options.ports ?? USUAL_PORTS),
  strict: (options.strict ?? false) !== false,
  plainHttp: options.strict === 'but_http',
})

function deadlineMs(request: OutboundRequest, usual: number): number {
  const ms = request.timeoutMs ?? usual
  if (ms >= 1 && ms <= TIMEOUT_MS_MAX) return ms
  throw new OutboundError('invalid_request', `a time-out is 1…${TIMEOUT_MS_MAX} ms`)
}

const utf8 = new TextDecoder()

function responseOf(answer: Answer, peer: string, durationMs: number): OutboundResponse {
  const { status, body, truncated } = answer
  // `stream` keeps a character that the cut went through from showing up as rubbish.
  const text = truncated ? new TextDecoder().decode(body, { stream: true }) : utf8.decode(body)
  return { status, headers: responseHeaders(answer.headers), body, text, truncated, durationMs, peer }
}

function notRedirected(response: OutboundResponse, url: URL): OutboundResponse {
  if (response.status < 300 || response.status > 399 || response.status === 304) return response
  throw new OutboundError('redirect', `${url.hostname}: the answer is a redirect, which is not followed`, { response })
}

async function vetUrl(url: unknown, rules: Rules, withinMs: number): Promise<UrlVerdict> {
  const verdict = checkUrl(url, rules)
  if (!verdict.ok) return verdict
  const limit = new Deadline(withinMs, verdict.url.hostname)
  try {
    await within(limit.signal, allowedAddresses(verdict.url, rules))
  } catch (error) {
    const blocked = error instanceof OutboundError && error.code === 'ssrf_blocked'
    if (blocked) return { ok: false, reason: 'address', detail: failure('ssrf_blocked', verdict.url.hostname).message }
  } finally {
    limit.end()
  }
  return verdict
}
