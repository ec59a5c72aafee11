// A hundred dashboards: most only take what comes off their sockets, a few read it and tell how late it was.
import { once } from 'node:events'
import { connect } from 'node:net'
import { WebSocket } from 'ws'
import { serveSide } from '../side.ts'

/** What a client sends once it is connected, as JSON text; empty for none. */
interface Wish {
  url: string
  headers: Record<string, string>
  hello: string
}

const delays: number[] = []
const stamp = /"stamp":"(\d+)"/g

const take = (text: string): void => {
  const now = process.hrtime.bigint()
  for (const [, sent] of text.matchAll(stamp)) delays.push(Number(now - BigInt(sent ?? 0)) / 1e6)
}

const openReader = async ({ url, headers, hello }: Wish): Promise<void> => {
  const socket = new WebSocket(url, { headers })
  socket.on('message', (data) => take((data as Buffer).toString('latin1')))
  await once(socket, 'open')
  if (hello !== '') socket.send(hello)
}

/** A frame as clients send it: masked, here by zeroes. */
const frame = (opcode: number, text: string): Buffer => {
  const body = Buffer.from(text)
  const head =
    body.length < 126 ? [0x80 | opcode, 0x80 | body.length] : [0x80 | opcode, 0xfe, body.length >> 8, body.length & 255]
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), body])
}

/** Reading frames would cost more than sending them; this one throws away what it gets, and pongs before it is asked. */
const openTaker = async ({ url, headers, hello }: Wish): Promise<void> => {
  const { port, pathname } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1')
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(
    `GET ${pathname} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${lines.join('')}\r\n`,
  )
  const [answer] = (await once(socket, 'data')) as [Buffer]
  if (!answer.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(answer.toString('latin1').slice(0, 200))
  if (hello !== '') socket.write(frame(1, hello))
  setInterval(() => socket.write(frame(10, '')), 5_000).unref()
  socket.resume()
}

serveSide({
  async open(wishes: Wish[], readers: number) {
    await Promise.all(wishes.map((wish, index) => (index < readers ? openReader(wish) : openTaker(wish))))
  },
  arrived: () => delays.length,
  /** Delays in ms since the last time it was asked. */
  delays: () => delays.splice(0),
})
