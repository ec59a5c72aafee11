// What the server holds clients to, each limit by a client that goes beyond it, over real sockets.
import { once } from 'node:events'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { SERVER_LIMITS, createServer } from './server.ts'
import type { ServerLimits } from './server.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

/** A server that answers once the whole request has come. */
const listen = async (limits: Partial<ServerLimits> = {}): Promise<number> => {
  const server = createServer(
    (req, res) => {
      req.resume().once('end', () => res.end('done'))
    },
    () => 'http://k1n.example',
    limits,
  )
  servers.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

/** Everything a connection is told until it is closed. */
const heard = async (socket: Socket): Promise<string> => {
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1'))).on('error', () => undefined)
  await once(socket, 'close')
  return text
}

const head = 'Host: k1n.example\r\n'
const slow = { headersMs: 200, arrivalMs: 300, checkEveryMs: 50 }

describe('the server', () => {
  test('has the limits it is to have', async () => {
    await listen()
    const [server] = servers
    expect(SERVER_LIMITS).toMatchObject({ headersMs: 15_000, checkEveryMs: 5_000, keepAliveMs: 5_000 })
    expect(server).toMatchObject({
      headersTimeout: 15_000,
      requestTimeout: 900_000,
      keepAliveTimeout: 5_000,
      maxHeadersCount: 100,
      maxRequestsPerSocket: 1_000,
      maxConnections: 10_000,
    })
  })

  test.for([
    ['headers', `GET / HTTP/1.1\r\n${head}X-A: `],
    ['a body', `POST / HTTP/1.1\r\n${head}Content-Length: 10\r\n\r\n12`],
    ['a body in chunks', `POST / HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhe`],
  ])('408: %s that do not come to an end', async ([, bytes = '']) => {
    const socket = connect(await listen(slow), '127.0.0.1')
    socket.write(bytes)
    const text = await heard(socket)
    expect(text).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
    expect(text).toContain('Content-Type: application/problem+json')
    expect(text).toContain('"code":"request-timeout"')
    expect(text).toContain('Connection: close')
  })

  test.for([
    ['headers', `GET / HTTP/1.1\r\n${head}X-A: `, 'a'],
    ['a body', `POST / HTTP/1.1\r\n${head}Content-Length: 1000\r\n\r\n`, 'a'],
    ['a body in chunks', `POST / HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n`, '1\r\na\r\n'],
  ])('408: %s of which a byte comes at a time', async ([, bytes = '', drop = '']) => {
    const socket = connect(await listen(slow), '127.0.0.1')
    const dripping = setInterval(() => socket.writable && socket.write(drop), 20)
    socket.write(bytes)
    expect(await heard(socket)).toMatch(/^HTTP\/1\.1 408/)
    clearInterval(dripping)
  })

  test('a connection without a request is closed after its time', async () => {
    const socket = connect(await listen({ keepAliveMs: 100, checkEveryMs: 50 }), '127.0.0.1')
    socket.write(`GET / HTTP/1.1\r\n${head}\r\n`)
    expect(await heard(socket)).toMatch(/^HTTP\/1\.1 200/)
  })

  test('a connection is closed after a thousand requests', async () => {
    const socket = connect(await listen(), '127.0.0.1')
    socket.write(`GET / HTTP/1.1\r\n${head}\r\n`.repeat(1_000))
    const text = await heard(socket)
    expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(1_000)
    expect(text).toMatch(/Connection: close(?!.*HTTP)/s)
  })

  test('431: more than a hundred headers', async () => {
    const socket = connect(await listen(), '127.0.0.1')
    const many = Array.from({ length: 150 }, (_, n) => `X-${n}: 1\r\n`).join('')
    socket.write(`GET / HTTP/1.1\r\n${head}${many}\r\n`)
    const text = await heard(socket)
    expect(text).toMatch(/^HTTP\/1\.1 431/)
    expect(text).toContain('"code":"headers-too-large"')
  })

  test('a connection beyond the most is closed without a word, and the others live on', async () => {
    const port = await listen({ connectionsMax: 2 })
    const held = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
    await Promise.all(held.map((socket) => once(socket, 'connect')))
    const third = connect(port, '127.0.0.1')
    expect(await heard(third)).toBe('')
    const [first] = held
    first?.write(`GET / HTTP/1.1\r\n${head}Connection: close\r\n\r\n`)
    expect(first && (await heard(first))).toMatch(/^HTTP\/1\.1 200/)
    for (const socket of held) socket.destroy()
  })
})
