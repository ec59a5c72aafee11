// The HTTP server under Koa: limits on size, time and number, and a problem for every request that is not HTTP.
import { createServer as createHttpServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { makeId } from '../../shared/kernel/ids.ts'
import {
  ExpectationFailed,
  HeadersTooLarge,
  InvalidRequest,
  MethodNotImplemented,
  RequestTimeout,
} from '../../shared/kernel/problems.ts'
import type { Problem } from '../../shared/kernel/problem.ts'
import { API_CSP } from './headers.ts'
import { askLater } from './invite.ts'
import { CURRENT } from '../versions/negotiate.ts'
import { problemReply } from './problems.ts'

/** The longest a request may take to arrive as a whole, in ms: an upload of 200 MB. Bodies of JSON have 30 s (`body.ts`). */
const ARRIVAL_MAX_MS = 900_000

const reasons: Record<number, string> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  417: 'Expectation Failed',
  431: 'Request Header Fields Too Large',
  501: 'Not Implemented',
}

const describe = (error: NodeJS.ErrnoException): Problem => {
  if (error.code === 'HPE_HEADER_OVERFLOW')
    return HeadersTooLarge('Headers may be 16 KiB long in all, and 100 in number.')
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return RequestTimeout('The request took too long to arrive.')
  return InvalidRequest('The request is not HTTP as this server reads it.')
}

interface Raw {
  head: string
  body: string
}

const rawReply = (problem: Problem, publicUrl: string): Raw => {
  const requestId = makeId('req', Date.now())
  const reply = problemReply(problem, { publicUrl, requestId })
  const body = JSON.stringify(reply.body)
  const headers: Record<string, string> = {
    ...reply.headers,
    'Content-Type': 'application/problem+json',
    'Content-Length': String(Buffer.byteLength(body)),
    'Content-Security-Policy': API_CSP,
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    'X-Request-Id': requestId,
    'X-API-Version': String(CURRENT),
    Connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return { head: `HTTP/1.1 ${reply.status} ${reasons[reply.status] ?? 'Error'}\r\n${lines.join('')}\r\n`, body }
}

/** Answers on a socket that no response was made for, and closes it. */
export const refuseSocket = (socket: Duplex, problem: Problem, publicUrl: string): void => {
  if (!socket.writable || socket.destroyed) return void socket.destroy()
  const { head, body } = rawReply(problem, publicUrl)
  socket.end(head + body)
}

/** Answers what the parser could not read. Some of a reply may be on its way already; then there is nothing to add. */
const onClientError = (publicUrl: () => string) => (error: NodeJS.ErrnoException, socket: Duplex) => {
  const begun = (socket as Duplex & { _httpMessage?: { headersSent?: boolean } })._httpMessage?.headersSent === true
  if (error.code === 'ECONNRESET' || begun) return void socket.destroy()
  refuseSocket(socket, describe(error), publicUrl())
}

/** What clients are held to. Sizes in bytes, times in ms. */
export interface ServerLimits {
  headersMs: number
  arrivalMs: number
  /** Those that are too slow are found at such a moment only. */
  checkEveryMs: number
  keepAliveMs: number
  connectionsMax: number
}

export const SERVER_LIMITS: ServerLimits = {
  headersMs: 15_000,
  arrivalMs: ARRIVAL_MAX_MS,
  checkEveryMs: 5_000,
  keepAliveMs: 5_000,
  connectionsMax: 10_000,
}

/** Makes the server; it does not listen yet. Only upgrades to a WebSocket that somebody listens for are handed on. */
export const createServer = (
  callback: (req: IncomingMessage, res: ServerResponse) => void,
  publicUrl: () => string,
  given: Partial<ServerLimits> = {},
): Server => {
  const limits = { ...SERVER_LIMITS, ...given }
  const server: Server = createHttpServer(
    {
      maxHeaderSize: 16_384,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.arrivalMs,
      connectionsCheckingInterval: limits.checkEveryMs,
      keepAliveTimeout: limits.keepAliveMs,
      // Our own check answers with a body; see `edge.ts`.
      requireHostHeader: false,
      shouldUpgradeCallback: (req) =>
        server.listenerCount('upgrade') > 0 && req.headers.upgrade?.toLowerCase() === 'websocket',
    },
    callback,
  )
  server.maxHeadersCount = 100
  server.maxRequestsPerSocket = 1_000
  server.maxConnections = limits.connectionsMax
  server.on('clientError', onClientError(publicUrl))
  server.on('connect', (_req, socket) =>
    refuseSocket(socket, MethodNotImplemented('No route here takes CONNECT.'), publicUrl()),
  )
  askLater(server)
  server.on('checkExpectation', (_req, res) => {
    if (res.socket) refuseSocket(res.socket, ExpectationFailed('Only `Expect: 100-continue` is met here.'), publicUrl())
  })
  return server
}

const IDLE_SWEEP_MS = 100

/** Stops listening, lets running requests finish for up to `drainMs`, then closes what is left. */
export const closeServer = (server: Server, drainMs: number): Promise<void> =>
  new Promise((resolve) => {
    if (!server.listening) return resolve()
    const timer = setTimeout(() => server.closeAllConnections(), drainMs)
    // A connection becomes idle when its answer is out, and nothing tells of it.
    const sweeping = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS)
    server.close(() => {
      clearTimeout(timer)
      clearInterval(sweeping)
      resolve()
    })
    server.closeIdleConnections()
  })
