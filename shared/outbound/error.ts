// The one way a call to the outside fails, and the codes it fails with.
import type { OutboundResponse } from './types.ts'

/** Stable for ever: stored with attempts and deliveries, counted in metrics, switched on by clients. */
export const OUTBOUND_CODES = [
  'timeout_total', // the deadline of the whole attempt passed
  'timeout_connect', // no usable connection within the time for connecting
  'tls_cert', // the certificate is not trusted, has expired or is for another name
  'tls_protocol', // the TLS handshake failed for another reason
  'dns', // the name has no address, or none was found in time
  'ssrf_blocked', // the URL or the address behind it must not be called
  'http_protocol', // the answer is not HTTP/1.x as it should be
  'too_large', // the header of the answer is too long
  'refused', // nobody listens there, or there is no way there
  'reset', // the connection ended in the middle
  'redirect', // the answer is a redirect; redirects are never followed
  'aborted', // the caller's own signal ended it
  'invalid_request', // method, headers, body or time-out cannot be sent
] as const

export type OutboundCode = (typeof OUTBOUND_CODES)[number]

/** Messages name at most the host, never path, query, headers or resolved addresses: they may be shown to anyone. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError'
  readonly code: OutboundCode
  /** Set for `redirect` only: the answer that was not followed. */
  readonly response: OutboundResponse | undefined

  constructor(code: OutboundCode, message: string, more: { cause?: unknown; response?: OutboundResponse } = {}) {
    super(message, 'cause' in more ? { cause: more.cause } : {})
    this.code = code
    this.response = more.response
  }
}

const BY_CODE: Readonly<Record<string, OutboundCode>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  EADDRNOTAVAIL: 'refused',
  EACCES: 'refused',
  ETIMEDOUT: 'timeout_connect',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EPROTO: 'tls_protocol',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls_cert',
  UND_ERR_HEADERS_OVERFLOW: 'too_large',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'http_protocol',
  UND_ERR_INVALID_ARG: 'invalid_request',
  UND_ERR_NOT_SUPPORTED: 'invalid_request',
}

// OpenSSL's verification results, e.g. CERT_HAS_EXPIRED, DEPTH_ZERO_SELF_SIGNED_CERT, UNABLE_TO_GET_ISSUER_CERT_LOCALLY.
const CERTIFICATE = /CERT|^UNABLE_TO_|^HOSTNAME_MISMATCH$|^INVALID_(CA|PURPOSE)$|^PATH_LENGTH_EXCEEDED$/
const UNDICI_ANSWERED_BADLY = /^bad (response|upgrade)/

const MESSAGES: Readonly<Record<OutboundCode, string>> = {
  timeout_total: 'the call took longer than its deadline',
  timeout_connect: 'no connection was made in time',
  tls_cert: 'the certificate of the other side is not acceptable',
  tls_protocol: 'the TLS handshake failed',
  dns: 'the name could not be resolved',
  ssrf_blocked: 'the address must not be called',
  http_protocol: 'the answer is not valid HTTP',
  too_large: 'the header of the answer is too long',
  refused: 'the connection was refused',
  reset: 'the connection ended before the answer was complete',
  redirect: 'the answer is a redirect, which is not followed',
  aborted: 'the call was aborted',
  invalid_request: 'the request cannot be sent',
}

/** The code for an error of Node or undici; what is not known is a fault in the conversation, `http_protocol`. */
export function codeOf(error: unknown): OutboundCode {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  if (typeof code !== 'string') return 'http_protocol'
  if (code === 'UND_ERR_SOCKET') return UNDICI_ANSWERED_BADLY.test(String(message)) ? 'http_protocol' : 'reset'
  const known = BY_CODE[code]
  if (known !== undefined) return known
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) return 'tls_protocol'
  return CERTIFICATE.test(code) ? 'tls_cert' : 'http_protocol'
}

/** The same error when it is ours already, else a new one with the code that fits and a sentence about `host`. */
export function outboundError(error: unknown, host: string): OutboundError {
  return error instanceof OutboundError ? error : failure(codeOf(error), host, error)
}

export function failure(code: OutboundCode, host: string, cause?: unknown): OutboundError {
  return new OutboundError(code, `${host}: ${MESSAGES[code]}`, cause === undefined ? {} : { cause })
}
