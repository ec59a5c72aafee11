// Tells what kind of error ended an attempt, from any value that can be thrown.
import { namesOf, peek, peekNumber, peekString, cleanText, sketch } from './peek.ts'
import type { ErrorClass } from './words.ts'

export interface Classification {
  class: ErrorClass
  name: string
  /** At most 2,000 bytes, never empty. */
  message: string
  code?: string
  /** What the service asked for, in ms, as the error carries it (`nextDelay` clamps it). */
  retryAfterMs?: number
}

export const MESSAGE_BYTES_MAX = 2_000
const NAME_BYTES_MAX = 128
const CODE_BYTES_MAX = 128
// Libraries wrap: `fetch failed` says nothing, its cause does. The bound also ends errors that cause each other.
const CAUSES_MAX = 4

const table = (entries: Partial<Record<ErrorClass, string>>): ReadonlyMap<string, ErrorClass> =>
  new Map(
    Object.entries(entries).flatMap(([errorClass, keys]) =>
      keys.split(' ').map((key) => [key, errorClass as ErrorClass]),
    ),
  )

// Codes of Node, undici, our outbound calls, our problems and our attempts. One that is not here says nothing.
const BY_CODE = table({
  transient:
    'ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH ENETDOWN EADDRNOTAVAIL ' +
    'EPROTO UND_ERR_SOCKET UND_ERR_RES_CONTENT_LENGTH_MISMATCH ' +
    'dns refused reset http_protocol tls_cert tls_protocol aborted service-unavailable outcome-unknown',
  timeout:
    'ETIMEDOUT ESOCKETTIMEDOUT ERR_SOCKET_CONNECTION_TIMEOUT UND_ERR_CONNECT_TIMEOUT UND_ERR_HEADERS_TIMEOUT ' +
    'UND_ERR_BODY_TIMEOUT timeout timeout_total timeout_connect',
  permanent: 'ssrf_blocked too_large redirect invalid_request unworkable poison ERR_INVALID_URL',
  rate_limited: 'rate_limited rate-limited',
  circuit_open: 'circuit_open circuit-open',
})

// Names of error classes, an error's own or any it is derived from.
const BY_NAME = table({
  transient: 'AbortError',
  timeout: 'TimeoutError',
  permanent: 'UnrecoverableError ZodError $ZodError',
  rate_limited: 'RateLimitError',
  circuit_open: 'CircuitOpen CircuitOpenError',
})

/** Never throws, whatever was thrown. What an error says itself (code, then name, then HTTP status) wins over its cause. */
export function classify(error: unknown): Classification {
  const chain = causes(error)
  const deciding = chain.map(classOf).find((found) => found !== undefined)
  const code = peekString(error, 'code')
  const retryAfterMs = chain.map(retryAfterOf).find((found) => found !== undefined)
  return {
    class: deciding ?? 'unknown',
    name: nameOf(error),
    message: messageOf(error),
    ...(code === undefined ? {} : { code: cleanText(code, CODE_BYTES_MAX) }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}

function causes(error: unknown): unknown[] {
  const chain = [error]
  while (chain.length <= CAUSES_MAX) {
    const last = chain.at(-1)
    const next = peek(last, 'cause') ?? peek(peek(last, 'errors'), 0)
    if (next === undefined) break
    chain.push(next)
  }
  return chain
}

function classOf(error: unknown): ErrorClass | undefined {
  const byCode = BY_CODE.get(peekString(error, 'code') ?? '')
  if (byCode !== undefined) return byCode
  const byName = namesOf(error)
    .map((name) => BY_NAME.get(name))
    .find((found) => found !== undefined)
  return byName ?? classOfStatus(error)
}

/** By `status` or `statusCode`: whoever is overloaded or broken is asked again, whoever says no is not. */
function classOfStatus(error: unknown): ErrorClass | undefined {
  const status = peekNumber(error, 'status') ?? peekNumber(error, 'statusCode')
  if (status === undefined || status < 300 || status > 999) return undefined
  const asksToWait = retryAfterOf(error) !== undefined
  if (status === 429 || (status === 503 && asksToWait)) return 'rate_limited'
  if (status === 408 || status === 504) return 'timeout'
  return status === 425 || status >= 500 || (status === 409 && asksToWait) ? 'transient' : 'permanent'
}

function retryAfterOf(error: unknown): number | undefined {
  const ms = peekNumber(error, 'retryAfterMs') ?? peekNumber(peek(error, 'extras'), 'retryAfterMs')
  return ms !== undefined && ms >= 0 ? ms : undefined
}

// A class of its own says more than the `Error` it inherits as its name.
function nameOf(error: unknown): string {
  const telling = namesOf(error).find((name) => !UNTELLING.has(name))
  return cleanText(telling ?? 'Error', NAME_BYTES_MAX)
}
const UNTELLING: ReadonlySet<string> = new Set('Error Object String Number Symbol BigInt Boolean'.split(' '))

function messageOf(error: unknown): string {
  const message = peek(error, 'message')
  const text = typeof message === 'string' ? message : sketch(error)
  return cleanText(text, MESSAGE_BYTES_MAX).trim() || 'no message'
}
