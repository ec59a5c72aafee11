// What stands between browsers and the API: a network, or a proxy of a company. It lets through what it is told to, and everything at
// first; what passes is not touched.
import { createServer, request } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

export type Way = 'ws' | 'sse' | 'poll'
const PATHS = { '/api/v2/stream/sse': 'sse', '/api/v2/stream/poll': 'poll' } as const satisfies Record<string, Way>

export interface Between {
  /** Where browsers reach the API through this. */
  readonly url: string
  /** The API, once it is known where it is. */
  leadTo(url: string): void
  /** Refuses these from now on and ends those that are open. Ways of listening by their names, other calls by their path. */
  refuse(...what: string[]): void
  /** How many listen by each way now. */
  listening(): Record<Way, number>
  /** Nothing passes any more and nobody is told. Connections that are there by the time this ends are dead for good, as where the one
   *  who translates their addresses has forgotten them; new ones pass. */
  fallSilent(): () => void
  /** Breaks every connection and refuses new ones until the answer is called. */
  sever(): () => void
  close(): Promise<void>
}

const wayOf = (req: IncomingMessage): string => {
  const { pathname } = new URL(req.url ?? '/', 'http://between')
  return PATHS[pathname as keyof typeof PATHS] ?? pathname
}

/** The head of a request as it came. */
const headOf = ({ method, url, rawHeaders }: IncomingMessage): string => {
  const lines = rawHeaders.flatMap((name, n) => (n % 2 === 0 ? [`${name}: ${rawHeaders[n + 1] ?? ''}`] : []))
  return [`${method ?? 'GET'} ${url ?? '/'} HTTP/1.1`, ...lines, '', ''].join('\r\n')
}

export const openBetween = async (): Promise<Between> => {
  let api = new URL('http://127.0.0.1')
  let refused: ReadonlySet<string> = new Set()
  let isSilent = false
  let isSevered = false
  const sockets = new Set<Socket>()
  const dead = new WeakSet<Socket>()
  const open = new Map<Socket, string>()
  const isDead = (socket: Socket): boolean => isSilent || dead.has(socket)

  const forward = (req: IncomingMessage, res: ServerResponse): void => {
    const { socket } = req
    const way = wayOf(req)
    // Nothing is answered and nothing closed.
    if (isDead(socket)) return
    if (refused.has(way)) return void res.writeHead(403).end()
    open.set(socket, way)
    const { method, headers } = req
    const onward = request(new URL(req.url ?? '/', api), { method: method ?? 'GET', headers }, (reply) => {
      if (isDead(socket)) return
      res.writeHead(reply.statusCode ?? 502, reply.rawHeaders)
      res.flushHeaders()
      reply.on('data', (chunk: Buffer) => isDead(socket) || res.write(chunk))
      reply.on('end', () => {
        if (!isDead(socket)) res.end()
      })
    })
    onward.on('error', () => isDead(socket) || res.destroy())
    res.on('close', () => {
      open.delete(socket)
      onward.destroy()
    })
    req.pipe(onward)
  }
  const server = createServer(forward)
  server.on('connection', (socket) => {
    if (isSevered) return void socket.resetAndDestroy()
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (req, stream, head) => {
    const socket = stream as Socket
    if (isDead(socket)) return
    if (refused.has('ws')) return void socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')
    const onward = connect(Number(api.port), api.hostname)
    open.set(socket, 'ws')
    onward.write(headOf(req))
    onward.write(head)
    onward.on('data', (chunk) => isDead(socket) || socket.write(chunk))
    socket.on('data', (chunk) => isDead(socket) || onward.write(chunk))
    for (const end of ['close', 'error']) {
      onward.on(end, () => isDead(socket) || socket.destroy())
      socket.on(end, () => {
        open.delete(socket)
        onward.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo: (url) => void (api = new URL(url)),
    refuse(...what) {
      refused = new Set(what)
      for (const [socket, way] of open) if (refused.has(way)) socket.destroy()
    },
    listening() {
      const ways = [...open.values()]
      const many = (way: Way): number => ways.filter((one) => one === way).length
      return { ws: many('ws'), sse: many('sse'), poll: many('poll') }
    },
    fallSilent() {
      isSilent = true
      return () => {
        isSilent = false
        for (const socket of sockets) dead.add(socket)
        open.clear()
      }
    },
    sever() {
      isSevered = true
      for (const socket of sockets) socket.resetAndDestroy()
      return () => void (isSevered = false)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
