// Requests no HTTP client would send, byte by byte: each gets a problem or a closed connection, and the server lives on.
import { connect } from 'node:net'
import { describe, expect, test } from '../fixtures.ts'
import type { Door } from '../fixtures.ts'

interface Heard {
  text: string
  status: number | undefined
  ms: number
}

interface Talk {
  /** Sends no more. */
  end?: boolean
  /** The connection stays open: what comes first is all. */
  open?: boolean
  /** Sent over and over. */
  endless?: string
  /** Sent when the server says `100 Continue`. */
  whenAsked?: string
}

/** Sends bytes and hears until the server closes, or until it has been silent for a moment when `open`. */
const talk = (door: Door, bytes: string | Buffer, options: Talk = {}): Promise<Heard> =>
  new Promise((resolve) => {
    const socket = connect(Number(new URL(door.url).port), '127.0.0.1')
    const begun = performance.now()
    let text = ''
    const more = options.endless === undefined ? undefined : setInterval(() => socket.write(options.endless ?? ''), 50)
    const done = (): void => {
      clearInterval(more)
      socket.destroy()
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]) || undefined
      resolve({ text, status, ms: performance.now() - begun })
    }
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      if (options.whenAsked !== undefined && text === 'HTTP/1.1 100 Continue\r\n\r\n') socket.write(options.whenAsked)
      if (options.open && /\r\n\r\n/.test(text)) done()
    })
    socket.on('error', done).on('close', done)
    socket.write(bytes)
    if (options.end) socket.end()
  })

const host = 'Host: 127.0.0.1\r\n'
const get = (path: string, headers = host): string => `GET ${path} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`
const post = (headers: string, body: string): string =>
  `POST /api/v2/jobs HTTP/1.1\r\n${host}Content-Type: application/json\r\n${headers}\r\n${body}`

const isProblem = ({ text }: Heard): boolean =>
  /content-type: application\/problem\+json/i.test(text) && /"code":"[a-z-]+"/.test(text)

describe('what is not HTTP', () => {
  test.for<[string, string | Buffer, number]>([
    ['a bad request line', 'HELLO\r\n\r\n', 400],
    ['a lower-case method', get('/livez').replace('GET', 'get'), 400],
    ['a version of HTTP there is not', get('/livez').replace('1.1', '9.9'), 400],
    ['no Host', get('/livez', ''), 400],
    ['an empty Host', get('/livez', 'Host:\r\n'), 400],
    ['a Host with a bracket', get('/livez', 'Host: [\r\n'), 400],
    ['a Host with a path', get('/livez', 'Host: a/b\r\n'), 400],
    ['two lengths', post('Content-Length: 2\r\nContent-Length: 3\r\n', '{}'), 400],
    ['a length and chunks', post('Content-Length: 2\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'), 400],
    ['chunks and a length', post('Transfer-Encoding: chunked\r\nContent-Length: 2\r\n', '0\r\n\r\n'), 400],
    ['chunks that are not the last encoding', post('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'), 400],
    ['a length with a sign', post('Content-Length: +2\r\n', '{}'), 400],
    ['lines without a carriage return', 'GET /livez HTTP/1.1\nHost: 127.0.0.1\n\n', 400],
    ['a carriage return in a header', get('/livez', `${host}X-A: a\rX-B: b\r\n`), 400],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['a negative length', post('Content-Length: -1\r\n', ''), 400],
    ['a length that is no number', post('Content-Length: abc\r\n', ''), 400],
    ['a bad chunk', `${post('Transfer-Encoding: chunked\r\nConnection: close\r\n', '')}zz\r\n`, 400],
    ['a transfer encoding we do not know', post('Transfer-Encoding: gzip\r\nConnection: close\r\n', ''), 400],
    ['a folded header', get('/livez', `${host}X-A: 1\r\n 2\r\n`), 400],
    ['NUL in a header', get('/livez', `${host}X-A: \u0000\r\n`), 400],
    ['a space before the colon', get('/livez', `${host}X-A : 1\r\n`), 400],
    ['NUL in the path', get('/li\u0000vez'), 400],
    ['a path without a slash', get('livez'), 400],
    ['TLS on a plain port', Buffer.from('16030100a5010000a10303', 'hex'), 400],
    ['too many headers to hold', get('/livez', `${host}X: ${'a'.repeat(20_000)}\r\n`), 431],
    ['an expectation we cannot meet', get('/livez', `${host}Expect: miracles\r\n`), 417],
    ['CONNECT', `CONNECT 127.0.0.1:6379 HTTP/1.1\r\n${host}\r\n`, 501],
    ['TRACE', `TRACE / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, 501],
  ])('%s', async ([, bytes, status], { door }) => {
    const heard = await talk(door, bytes)
    expect(heard.status).toBe(status)
    expect(isProblem(heard)).toBe(true)
    expect((await door.send('GET', '/livez')).status).toBe(200)
  })

  test('an address with a scheme is served, an asterisk is not', async ({ door }) => {
    expect((await talk(door, get('http://127.0.0.1/livez'))).status).toBe(200)
    expect((await talk(door, `OPTIONS * HTTP/1.1\r\n${host}Connection: close\r\n\r\n`)).status).toBe(404)
  })

  test('an upgrade to something that is no WebSocket is served as it is', async ({ door }) => {
    expect((await talk(door, get('/livez', `${host}Upgrade: h2c\r\n`), { open: true })).status).toBe(200)
  })

  test('half a request and a body that ends early close without a word or with 400', async ({ door }) => {
    const half = await talk(door, 'GET /livez HT', { end: true })
    expect([undefined, 400]).toContain(half.status)
    const headers = `Authorization: Bearer ${door.adminKey}\r\nContent-Length: 100\r\n`
    const early = await talk(door, post(headers, '{"a":'), { end: true })
    expect([undefined, 400]).toContain(early.status)
    expect((await door.send('GET', '/livez')).status).toBe(200)
  })

  test('a thousand requests at once in one connection are all answered', async ({ door }) => {
    const request = `GET /livez HTTP/1.1\r\n${host}\r\n`
    const heard = await talk(door, request.repeat(999) + get('/livez'))
    expect(heard.text.match(/HTTP\/1\.1 200/g)).toHaveLength(1_000)
  })

  test('a body that nobody reads is let run out for a moment, then cut off', async ({ door }) => {
    const head = `POST /api/v2/jobs HTTP/1.1\r\n${host}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`
    const heard = await talk(door, head, { endless: '5\r\naaaaa\r\n' })
    expect(heard.status).toBe(401)
    expect(isProblem(heard)).toBe(true)
    expect(heard.ms).toBeLessThan(10_000)
  })

  test('who asks before sending a body is asked for it by whoever reads it, and refused before', async ({ door }) => {
    const asking = (key: string) =>
      post(`Authorization: Bearer ${key}\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n`, '')
    const refused = await talk(door, asking('k1n_sk_nobody'))
    expect(refused.status).toBe(401)
    const taken = await talk(door, asking(door.adminKey), { whenAsked: '{}' })
    expect(taken.text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 422 /)
  })

  test('a client that resets in the middle of a body harms nobody', async ({ door, logged }) => {
    await new Promise<void>((resolve) => {
      const socket = connect(Number(new URL(door.url).port), '127.0.0.1', () => {
        socket.write(post(`Authorization: Bearer ${door.adminKey}\r\nContent-Length: 1000\r\n`, '{"name":'), () =>
          socket.resetAndDestroy(),
        )
      })
      socket.on('close', () => resolve()).on('error', () => undefined)
    })
    expect((await door.send('GET', '/livez')).status).toBe(200)
    expect(logged.filter((line) => line['level'] === 'error')).toEqual([])
  })
})
