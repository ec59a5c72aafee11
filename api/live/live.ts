// The live door: puts the tail, the state topics and the sockets together and ties them to the API.
import type { IncomingMessage } from 'node:http'
import type { Duplex, Readable } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Principal } from '../../shared/auth/contract.ts'
import {
  InsufficientScope,
  InvalidCursor,
  OriginNotAllowed,
  RouteNotFound,
  TooManyConnections,
  Unauthenticated,
} from '../../shared/kernel/problems.ts'
import { Cursor, stream as rows } from '../../shared/stream/contract.ts'
import { createTail } from '../../shared/stream/tail.ts'
import type { Api } from '../app.ts'
import { reply } from '../http/bind.ts'
import { toProblem } from '../http/problems.ts'
import { refuseSpent } from '../http/quota.ts'
import { refuseSocket } from '../http/server.ts'
import { createBatches } from './batches.ts'
import { CLOSE, serveConnection } from './connection.ts'
import { createCounter } from './counter.ts'
import { createFeeds } from './feeds.ts'
import { openSse, poll } from './sse.ts'
import { sourceOf } from './sources.ts'
import { createTopics } from './state.ts'
import type { Live } from './subscription.ts'

/** Sockets and event streams one principal may hold open at once. */
const STREAMS_MAX = 20
const PATHS = new Set(['/api/v2/stream', '/api/stream'])

/** Ties the stream to an API: its routes, its sockets, and its end when the server stops. */
export const attachLive = (api: Api): void => {
  const { kernel, rooms, server } = api
  const tail = createTail(kernel)
  const topics = createTopics(sourceOf(rooms), tail)
  const live: Live = { kernel, tail, feeds: createFeeds(tail), topics }
  const streams = createCounter(STREAMS_MAX)
  bindHttp(api, live, streams)
  const sockets = acceptSockets(api, live, streams)
  server.once('listening', () => void tail.start())
  api.onStop(async () => {
    for (const client of sockets.clients) client.close(CLOSE.shutdown, 'the server is stopping')
    topics.stop()
    await tail.stop()
  })
}

type Counter = ReturnType<typeof createCounter>

const take = (streams: Counter, principal: Principal): (() => void) => {
  const free = streams.take(principal.id)
  if (free) return free
  throw TooManyConnections(`At most ${STREAMS_MAX} streams may be open at once.`, { retryAfterMs: 5_000 })
}

const bindHttp = ({ bind }: Api, live: Live, streams: Counter): void => {
  bind(rows.poll, async ({ principal, query: { wait, ...ask }, signal }) =>
    reply(200, await poll(live, principal, { ...ask, waitMs: wait * 1_000 }, signal)),
  )
  bind(rows.sse, async ({ principal, query, req, signal }) => {
    const after = parseLastId(req) ?? query.after
    const free = take(streams, principal)
    const body = opened(() => openSse(live, principal, { topics: query.topics, after }, signal), free)
    body.once('close', free)
    // The row says text; the door sends a stream of it as it comes.
    return reply(200, body as unknown as string)
  })
}

/** A stream that could not be opened takes no place. */
const opened = (open: () => Readable, free: () => void): Readable => {
  try {
    return open()
  } catch (error) {
    free()
    throw error
  }
}

/** The position a browser goes on from when it reconnects by itself. Going on from now instead would be a silent hole. */
const parseLastId = (req: IncomingMessage): string | undefined => {
  const { 'last-event-id': id = '' } = req.headers
  if (id === '') return undefined
  const parsed = Cursor.safeParse(id)
  if (parsed.success) return parsed.data
  const detail = 'must be the id of an event of this stream'
  throw InvalidCursor(`Last-Event-ID ${detail}.`, {
    errors: [{ parameter: 'Last-Event-ID', in: 'header', code: 'invalid_format', detail }],
  })
}

const acceptSockets = (api: Api, live: Live, streams: Counter): WebSocketServer => {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 16_384,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('k1n.v2') ? 'k1n.v2' : false),
  })
  const batches = createBatches()
  const upgrade = async (req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const principal = await admit(api, req)
    const taken = await api.rooms.limits.take(principal, 1)
    if (taken) refuseSpent(taken)
    socket.once('close', take(streams, principal))
    sockets.handleUpgrade(req, socket, head, (ws) => {
      serveConnection(ws, {
        live,
        wire: socket,
        batches,
        sockets: sockets.clients,
        principal,
        stillValid: () => api.rooms.auth.stillValid(principal),
      })
    })
  }
  api.server.on('upgrade', (req, socket, head) => {
    socket.on('error', () => undefined)
    upgrade(req, socket, head).catch((error: unknown) => refuseSocket(socket, toProblem(error, false), api.publicUrl()))
  })
  return sockets
}

/** A ticket, or a key in a header. A cookie alone opens nothing: any page could make a browser send it. */
const admit = async (api: Api, req: IncomingMessage): Promise<Principal> => {
  const url = new URL(req.url ?? '/', 'http://localhost')
  if (!PATHS.has(url.pathname)) throw RouteNotFound('Sockets are opened at /api/v2/stream.')
  const { origin, host } = req.headers
  if (origin !== undefined && ![api.publicUrl(), `http://${host ?? ''}`].includes(origin))
    throw OriginNotAllowed(`Pages of ${origin} may not open a stream here.`)
  const ticket = url.searchParams.get('ticket')
  const principal = await (ticket === null
    ? api.identify(req)
    : api.rooms.auth.once.redeemTicket(ticket, req.socket.remoteAddress ?? ''))
  if (!principal || principal.kind === 'anonymous' || (ticket === null && principal.kind === 'session'))
    throw Unauthenticated('Open a stream with a ticket of POST /api/v2/stream/tickets or with a key.')
  if (!principal.scopes.includes('stream:read')) throw InsufficientScope('The scope stream:read is needed.')
  return principal
}
