// The outermost step of every request: names it, and turns whatever goes wrong into a problem.
import { isIP } from 'node:net'
import type { Middleware } from 'koa'
import { makeId } from '../../shared/kernel/ids.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { InvalidRequest, RouteNotFound, ShuttingDown } from '../../shared/kernel/problems.ts'
import { CURRENT } from '../versions/negotiate.ts'
import { linger } from './body.ts'
import { setEarly, setLate } from './headers.ts'
import { problemReply, toProblem } from './problems.ts'
import { refuseLongUri } from './query.ts'
import type { Ctx, RequestState } from './state.ts'

export interface EdgeParts {
  kernel: Kernel
  publicUrl: () => string
  /** The durability level Redis runs at right now. */
  durability: () => string
  /** Whether this process will stop soon: it still serves, and asks clients to come back by another connection. */
  leaving: () => boolean
  stopping: () => boolean
  /** Hears of every request that has its reply. */
  ended: (method: string, route: string | undefined, status: number, ms: number) => void
}

const requestIdShape = /^[A-Za-z0-9_-]{1,64}$/
const traceShape = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/
const hostShape = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/
const safe = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

const begin = (ctx: Ctx, now: number): void => {
  const { 'x-request-id': given, traceparent } = ctx.req.headers
  const state: RequestState = {
    requestId: typeof given === 'string' && requestIdShape.test(given) ? given : makeId('req', now),
    startedAt: performance.now(),
    version: CURRENT,
    vendor: false,
  }
  if (typeof traceparent === 'string' && traceShape.test(traceparent)) state.traceparent = traceparent
  ctx.state = state
}

/** Node would answer a missing Host without a body, and takes odd ones. */
const checkHost = (ctx: Ctx): void => {
  const { host } = ctx.req.headers
  const valid = host === undefined ? ctx.req.httpVersion === '1.0' : hostShape.test(host) || isIP(host) !== 0
  if (!valid) throw InvalidRequest('The Host header is absent or not a host.')
}

const traceId = (ctx: Ctx): string | undefined => ctx.state.traceparent?.slice(3, 35)

const refuse = (parts: EdgeParts, ctx: Ctx, error: unknown): void => {
  const problem = toProblem(error, !safe.has(ctx.method))
  if (problem.status >= 500 && problem.kind === 'internal')
    parts.kernel.log.error('request failed', {
      request_id: ctx.state.requestId,
      method: ctx.method,
      route: ctx['_matchedRoute'],
      error: problem.extras.cause,
    })
  const trace = traceId(ctx)
  const reply = problemReply(problem, {
    publicUrl: parts.publicUrl(),
    requestId: ctx.state.requestId,
    ...(trace === undefined ? {} : { traceId: trace }),
  })
  ctx.status = reply.status
  for (const [name, value] of Object.entries(reply.headers)) ctx.res.setHeader(name, value)
  const { type, body } = ctx.state.refusal?.(reply.body) ?? { type: 'application/problem+json', body: reply.body }
  ctx.res.setHeader('Content-Language', 'en')
  ctx.res.setHeader('Content-Type', type)
  ctx.body = JSON.stringify(body)
}

/** Middleware to be used first. */
export const createEdge = (parts: EdgeParts): Middleware => {
  const https = (): boolean => parts.publicUrl().startsWith('https:')
  const handle = async (ctx: Ctx, next: () => Promise<unknown>): Promise<void> => {
    begin(ctx, parts.kernel.clock.now())
    setEarly(ctx, https())
    try {
      refuseLongUri(ctx.url)
      checkHost(ctx)
      if (parts.leaving()) ctx.res.setHeader('Connection', 'close')
      if (parts.stopping()) stopTaking(ctx)
      await next()
      if (ctx.status === 404 && ctx.body === undefined)
        throw RouteNotFound(`There is no route ${ctx.method} ${ctx.path.slice(0, 200)}.`)
    } catch (error) {
      refuse(parts, ctx, error)
    }
    // What was not read is not wanted: without this its client could go on sending for as long as an upload may take.
    linger(ctx.req)
    const ms = performance.now() - ctx.state.startedAt
    setLate(ctx, parts.durability(), ms)
    parts.ended(ctx.method, ctx['_matchedRoute'] as string | undefined, ctx.status, ms)
  }
  return handle
}

/** While the server drains, health still answers (it tells balancers to go away) and everything else may be sent elsewhere. */
const stopTaking = (ctx: Ctx): void => {
  ctx.res.setHeader('Connection', 'close')
  if (ctx.path === '/livez' || ctx.path === '/readyz' || ctx.path === '/healthz') return
  if (ctx.path.startsWith('/api'))
    throw ShuttingDown('This server is stopping; send the request again.', { retryAfterMs: 1_000 })
}
