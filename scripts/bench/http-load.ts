// Load over HTTP at little cost of its own: plain sockets that send a request, wait for the reply and send the next.
import { connect } from 'node:net'
import type { Socket } from 'node:net'

export interface HttpLoad {
  /** Sends for `ms` over every connection and waits for the last replies. Throws when one was not as expected. */
  slice(ms: number): Promise<{ count: number; seconds: number }>
  close(): void
}

export interface HttpLoadOptions {
  url: string
  connections: number
  /** The n-th request, head and body. */
  request: (n: number) => string
  /** The status every reply must have. */
  status: number
}

interface Client {
  /** Sends one request; `over` is called when its reply is complete. */
  send(text: string, over: (status: number) => void): void
  close(): void
}

/** One connection. Servers close connections after some number of requests; a new one is opened when that happens. */
const createClient = (port: number): Client => {
  let socket: Socket | undefined
  let over: ((status: number) => void) | undefined
  let text = ''
  const take = (chunk: string): void => {
    text += chunk
    const head = text.indexOf('\r\n\r\n')
    if (head < 0) return
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? 0)
    if (text.length < head + 4 + length) return
    const status = Number(text.slice(9, 12))
    if (/\r\nconnection: close/i.test(text.slice(0, head))) drop()
    const done = over
    text = ''
    over = undefined
    done?.(status)
  }
  const drop = (): void => {
    socket?.destroy()
    socket = undefined
  }
  const open = (): Socket => {
    const fresh = connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1')
    fresh.on('data', take)
    fresh.on('error', () => undefined)
    fresh.on('close', () => {
      if (socket !== fresh) return
      socket = undefined
      const done = over
      over = undefined
      done?.(0)
    })
    return fresh
  }
  return {
    send(request, done) {
      over = done
      socket ??= open()
      socket.write(request, 'latin1')
    },
    close: drop,
  }
}

export const createHttpLoad = ({ url, connections, request, status }: HttpLoadOptions): HttpLoad => {
  const clients = Array.from({ length: connections }, () => createClient(Number(new URL(url).port)))
  let n = 0
  return {
    async slice(ms) {
      const begun = performance.now()
      const until = begun + ms
      let count = 0
      const wrong = new Map<number, number>()
      const run = (client: Client, over: () => void): void =>
        client.send(request(n++), (replied) => {
          if (replied === status) count++
          else wrong.set(replied, (wrong.get(replied) ?? 0) + 1)
          if (performance.now() < until) run(client, over)
          else over()
        })
      await Promise.all(clients.map((client) => new Promise<void>((resolve) => run(client, resolve))))
      if (wrong.size > 0)
        throw new Error(`replies other than ${status}: ${[...wrong].map(([s, c]) => `${c} × ${s}`).join(', ')}`)
      return { count, seconds: (performance.now() - begun) / 1_000 }
    },
    close: () => clients.forEach((client) => client.close()),
  }
}
