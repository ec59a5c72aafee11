// Receives webhooks as cheaply as can be: answers 200 to whatever comes; what goes to `/slow` waits for two seconds.
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { serveSide } from '../side.ts'

const SLOW_MS = 2_000
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
const counts = { fast: 0, slow: 0 }

const answer = (socket: Socket, isSlow: boolean): void => {
  counts[isSlow ? 'slow' : 'fast']++
  if (isSlow) setTimeout(() => socket.write(OK), SLOW_MS)
  else socket.write(OK)
}

/** Cuts what has come into requests; answers what is left of the last. */
const take = (socket: Socket, text: string): string => {
  for (;;) {
    const end = text.indexOf('\r\n\r\n')
    if (end < 0) return text
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0)
    if (text.length < end + 4 + length) return text
    answer(socket, text.startsWith('POST /slow'))
    text = text.slice(end + 4 + length)
  }
}

const server = createServer((socket) => {
  let left = ''
  socket.setNoDelay(true).setEncoding('latin1')
  socket.on('error', () => undefined)
  socket.on('data', (chunk: string) => (left = take(socket, left + chunk)))
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  serveSide({ counts: () => ({ ...counts }) }, { url: `http://127.0.0.1:${port}` })
})
