// A network that can be broken: sits between k1n and its Redis and loses, holds, delays or resets what passes.
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'

export type Direction = 'to_server' | 'to_client'

/** What happens to bytes and to new connections while it is set.
 *  `refuse` resets new connections; `stall` holds bytes until another mode is set; `blackhole` and `swallow` lose them. */
export type Mode =
  | { is: 'ok' }
  | { is: 'refuse' }
  | { is: 'stall' }
  | { is: 'blackhole' }
  | { is: 'swallow'; direction: Direction }
  | Delay

/** Every byte arrives so much later, in order. */
export interface Delay {
  is: 'delay'
  ms: number
  jitterMs: number
}

export interface Proxy {
  readonly port: number
  readonly url: string
  /** Sets what happens from now on, to open connections and to new ones. */
  set(mode: Mode): void
  /** Resets every open connection; answers how many. */
  cut(): number
  /** Open connections lose every byte for ever, without a word to either side; new ones are served. Answers how many. */
  lose(): number
  /** Back to `ok`. Connections that lost bytes are reset: no network delivers a stream with a hole. */
  heal(): void
  /** Connections that are open on the client's side. */
  readonly open: number
  /** Bytes that are held back. */
  readonly held: number
  /** Bytes that were lost so far. */
  readonly lost: number
  close(): Promise<void>
}

interface Link {
  client: Socket
  server: Socket
  held: { to: Socket; chunk: Buffer }[]
  /** Directions in which bytes were lost: nothing may pass there any more. */
  lost: Set<Direction>
  /** What is on its way, and when the last of it arrives. */
  late: Record<Direction, { due: number; queue: Buffer[] }>
}

/** Listens on a free loopback port and passes connections on to `port`. */
export const startProxy = async (port: number): Promise<Proxy> => {
  const links = new Set<Link>()
  /** Connections to Redis whose client is gone without Redis having heard of it. */
  const ghosts = new Set<Socket>()
  let mode: Mode = { is: 'ok' }
  let lost = 0
  const server = createServer((client) => {
    if (mode.is === 'refuse') client.resetAndDestroy()
    else join(client)
  })
  const join = (client: Socket): void => {
    const link: Link = {
      client,
      server: connect({ port, host: '127.0.0.1', noDelay: true }),
      held: [],
      lost: new Set(),
      late: { to_server: { due: 0, queue: [] }, to_client: { due: 0, queue: [] } },
    }
    client.setNoDelay(true)
    links.add(link)
    for (const direction of ['to_server', 'to_client'] as const)
      tie(
        link,
        direction,
        () => mode,
        (bytes) => void (lost += bytes),
      )
    for (const socket of [client, link.server])
      socket.once('close', () => {
        // The end of a connection travels like its bytes: over a lost one, the other side never hears of it.
        if (link.lost.size === 0) drop(link)
        else if (!link.server.destroyed) ghosts.add(link.server)
        if (client.destroyed) links.delete(link)
      })
  }
  const drop = (link: Link): void => {
    links.delete(link)
    for (const socket of [link.client, link.server]) if (!socket.destroyed) socket.resetAndDestroy()
  }
  const all = (each: (link: Link) => void): number => {
    const open = [...links].filter((link) => !link.client.destroyed)
    open.forEach(each)
    return open.length
  }
  const own = await listen(server)
  return {
    port: own,
    url: `redis://127.0.0.1:${own}`,
    set(next) {
      mode = next
      if (mode.is !== 'stall') all(deliverHeld)
    },
    cut: () => all(drop),
    lose: () =>
      all((link) => {
        link.lost.add('to_server').add('to_client')
      }),
    heal() {
      mode = { is: 'ok' }
      all((link) => (link.lost.size > 0 ? drop(link) : deliverHeld(link)))
      for (const ghost of ghosts) ghost.resetAndDestroy()
      ghosts.clear()
    },
    get open() {
      return all(() => undefined)
    },
    get lost() {
      return lost
    },
    get held() {
      return [...links].flatMap((link) => link.held).reduce((sum, { chunk }) => sum + chunk.length, 0)
    },
    async close() {
      all(drop)
      for (const ghost of ghosts) ghost.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })

const deliverHeld = (link: Link): void => {
  for (const { to, chunk } of link.held.splice(0)) to.write(chunk)
}

/** Carries one direction of a link, as the mode of the moment says. */
const tie = (link: Link, direction: Direction, mode: () => Mode, onLost: (bytes: number) => void): void => {
  const [from, to] = direction === 'to_server' ? [link.client, link.server] : [link.server, link.client]
  from.on('error', () => undefined)
  from.on('data', (chunk: Buffer) => {
    const now = mode()
    if (now.is === 'blackhole' || (now.is === 'swallow' && now.direction === direction)) link.lost.add(direction)
    if (link.lost.has(direction)) return onLost(chunk.length)
    if (now.is === 'stall') link.held.push({ to, chunk })
    else if (now.is === 'delay') later(link, direction, now, to, chunk)
    else pass(from, to, chunk)
  })
}

const pass = (from: Socket, to: Socket, chunk: Buffer): void => {
  if (to.write(chunk)) return
  from.pause()
  to.once('drain', () => from.resume())
}

/** Timers of one length may fire in any order; whichever fires delivers what came first. */
const later = (link: Link, direction: Direction, { ms, jitterMs }: Delay, to: Socket, chunk: Buffer): void => {
  const { queue } = link.late[direction]
  const due = Math.max(link.late[direction].due, performance.now() + ms + Math.random() * jitterMs)
  link.late[direction].due = due
  queue.push(chunk)
  setTimeout(() => to.write(queue.shift() as Buffer), Math.max(0, due - performance.now()))
}
