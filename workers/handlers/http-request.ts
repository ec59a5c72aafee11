// Performs http.request: one guarded call, its answer as the result, its status as the fate of the job.
import type { httpRequest as kind } from '../../shared/catalog/http-request.ts'
import { done } from '../../shared/catalog/handler.ts'
import type { Handler } from '../../shared/catalog/handler.ts'
import type { PayloadOf } from '../../shared/catalog/kind.ts'
import type { Clock } from '../../shared/kernel/clock.ts'
import { retryAfterMs } from '../../shared/outbound/outbound.ts'
import type { Outbound, OutboundResponse } from '../../shared/outbound/outbound.ts'

/** An answer that is no success. The classification of errors reads `status` and `retryAfterMs`. */
export class HttpStatusError extends Error {
  override readonly name = 'HttpStatusError'
  readonly code: string
  readonly status: number
  readonly retryAfterMs: number | undefined

  constructor(host: string, { status, headers, text }: OutboundResponse, now: number) {
    super(`${host} answered ${status}${excerpt(text)}`)
    this.status = status
    this.code = `http_${status}`
    this.retryAfterMs = retryAfterMs(headers, now)
  }
}

const excerpt = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line === '' ? '' : `: ${line.slice(0, 200)}`
}

export const httpRequest =
  (outbound: Outbound, clock: Clock): Handler<typeof kind> =>
  async ({ payload, signal, idempotencyKey, hop }) => {
    const response = await outbound.request({
      url: payload.url,
      method: payload.method,
      headers: headersOf(payload, idempotencyKey, hop),
      body: bodyOf(payload),
      timeoutMs: payload.timeout_ms,
      signal,
    })
    if (response.status < 200 || response.status > 299)
      throw new HttpStatusError(new URL(payload.url).host, response, clock.now())
    return done({
      status: response.status,
      headers: keptHeaders(response.headers),
      body: response.text,
      truncated: response.truncated,
      duration_ms: Math.round(response.durationMs),
    })
  }

type Payload = PayloadOf<typeof kind>

const bodyOf = ({ body }: Payload): string | undefined =>
  body === undefined || typeof body === 'string' ? body : JSON.stringify(body)

/** The job's own headers win over what we would add. */
const headersOf = (
  { headers, body }: Payload,
  idempotencyKey: string,
  hop: number | undefined,
): Record<string, string> => {
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  const added = {
    'idempotency-key': idempotencyKey,
    ...(hop === undefined ? {} : { 'x-k1n-hop': String(hop) }),
    ...(body === undefined || typeof body === 'string' ? {} : { 'content-type': 'application/json' }),
  }
  return { ...Object.fromEntries(Object.entries(added).filter(([name]) => !given.has(name))), ...headers }
}

const KEPT = new Set(
  'content-type content-length date etag last-modified location retry-after x-request-id request-id traceparent'.split(
    ' ',
  ),
)
const keptHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => KEPT.has(name)))
