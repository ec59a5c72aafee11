// The live door: puts the tail, the state topics and the sockets together and ties them to the HTTP server.
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Principal } from '../../shared/auth/contract.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import {
  InsufficientScope,
  OriginNotAllowed,
  RouteNotFound,
  TooManyConnections,
  Unauthenticated,
} from '../../shared/kernel/problems.ts'
import type { Service } from '../../shared/kernel/service.ts'
import type { Rooms } from '../../shared/rooms.ts'
import { createTail } from '../../shared/stream/tail.ts'
import { CLOSE, serveConnection } from './connection.ts'
import { sourceOf } from './sources.ts'
import { createTopics } from './state.ts'
import type { Live } from './subscription.ts'

const SOCKETS_PER_PRINCIPAL = 20
const PATHS = new Set(['/api/v2/stream', '/api/stream'])

export interface LiveDoor extends Service, Live {
  /** Takes the upgrades of a server. */
  attach(server: Server): void
}

export interface LiveParts {
  kernel: Kernel
  rooms: Rooms
  /** Origins a browser may come from; requests without an Origin are no browser's. */
  origins: () => readonly string[]
  /** Who asks, by header; sockets take no cookie. */
  identify: (req: IncomingMessage) => Promise<Principal>
  ipOf: (req: IncomingMessage) => string
  /** Writes a problem to a socket that is not upgraded and closes it. */
  refuse: (socket: Duplex, error: unknown) => void
}

export const createLive = (parts: LiveParts): LiveDoor => {
  const { kernel, rooms } = parts
  const tail = createTail(kernel)
  const topics = createTopics(sourceOf(rooms))
  const live: Live = { kernel, tail, topics }
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 16_384,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('k1n.v2') ? 'k1n.v2' : false),
  })
  const open = new Map<string, number>()
  let unlisten = (): void => undefined
  const count = (principal: Principal, by: number): void =>
    void open.set(principal.id, (open.get(principal.id) ?? 0) + by)
  const upgrade = async (req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const principal = await admit(parts, req)
    if ((open.get(principal.id) ?? 0) >= SOCKETS_PER_PRINCIPAL)
      throw TooManyConnections(`At most ${SOCKETS_PER_PRINCIPAL} streams may be open at once.`, { retryAfterMs: 5_000 })
    count(principal, 1)
    socket.once('close', () => count(principal, -1))
    sockets.handleUpgrade(req, socket, head, (ws) => {
      serveConnection(ws, { live, principal, stillValid: () => rooms.auth.stillValid(principal) })
    })
  }
  return {
    ...live,
    name: 'live',
    attach(server) {
      server.on('upgrade', (req, socket, head) => {
        socket.on('error', () => undefined)
        upgrade(req, socket, head).catch((error: unknown) => parts.refuse(socket, error))
      })
    },
    async start() {
      unlisten = tail.listen((entries) => topics.take(entries))
      await tail.start()
    },
    async stop() {
      for (const client of sockets.clients) client.close(CLOSE.shutdown, 'the server is stopping')
      unlisten()
      topics.stop()
      await tail.stop()
    },
  }
}

/** A ticket, or a credential in a header; a page of another origin gets in with neither. */
const admit = async ({ rooms, origins, identify, ipOf }: LiveParts, req: IncomingMessage): Promise<Principal> => {
  const url = new URL(req.url ?? '/', 'http://localhost')
  if (!PATHS.has(url.pathname)) throw RouteNotFound('Sockets are opened at /api/v2/stream.')
  const { origin } = req.headers
  if (origin !== undefined && !origins().includes(origin))
    throw OriginNotAllowed(`Pages of ${origin} may not open a stream here.`)
  const ticket = url.searchParams.get('ticket')
  const principal = ticket === null ? await identify(req) : await rooms.auth.once.redeemTicket(ticket, ipOf(req))
  if (!principal || principal.kind === 'anonymous')
    throw Unauthenticated('Open a stream with a ticket of POST /api/v2/stream/tickets or with a key.')
  if (!principal.scopes.includes('stream:read')) throw InsufficientScope('The scope stream:read is needed.')
  return principal
}
