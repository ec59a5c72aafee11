// Receivers that misbehave: each ends in its own code, in time, with its connection closed.
import { gzipSync } from 'node:zlib'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { FAILING, OK, whenAsked, opening } from './fixtures/failing.ts'
import { answering, counter, onRequest, receiver, type Receiver } from './fixtures/receiver.ts'
import { createOutbound, type OutboundOptions, type OutboundRequest } from './outbound.ts'

const DEADLINE_MS = 300
/** A machine with much to do may answer late; what must end at a deadline ends long before this. */
const PATIENT_MS = 10_000
const deadlineFor = (code: string): number => (code === 'timeout_total' ? DEADLINE_MS : PATIENT_MS)

const servers: Receiver[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function call(
  serve: (socket: Socket) => void,
  more: Partial<OutboundRequest> = {},
  options: OutboundOptions = {},
) {
  const server = await receiver(serve)
  servers.push(server)
  const outbound = createOutbound({ allowCidrs: ['127.0.0.0/8'], timeoutMs: PATIENT_MS, ...options })
  const started = performance.now()
  const outcome = await outbound.request({ url: server.url, method: 'GET', ...more }).catch((error: unknown) => error)
  const tookMs = performance.now() - started
  // Whatever happened, no connection is left, and there was one at most.
  await server.idle()
  expect(server.accepted()).toBeLessThanOrEqual(1)
  return { outcome, tookMs }
}

describe('a receiver that', () => {
  test.each(FAILING)('%s fails with %s', async (_, code, serve) => {
    const { outcome, tookMs } = await call(serve, {}, { timeoutMs: deadlineFor(code) })
    expect(outcome).toMatchObject({ name: 'OutboundError', code })
    expect(tookMs).toBeLessThan(PATIENT_MS)
  })

  test('listens no more is refused', async () => {
    const server = await receiver(() => undefined)
    await server.close()
    const outbound = createOutbound({ allowCidrs: ['127.0.0.0/8'] })
    await expect(outbound.request({ url: server.url, method: 'GET' })).rejects.toMatchObject({ code: 'refused' })
  })

  test('does not read our body runs into the deadline', async () => {
    const { outcome } = await call((socket) => socket.pause(), {
      ...{ method: 'POST', body: Buffer.alloc(50_000_000), timeoutMs: DEADLINE_MS },
    })
    expect(outcome).toMatchObject({ code: 'timeout_total' })
  })

  test('sends without end is cut at 64 KiB', async () => {
    const endless = opening(`${OK}transfer-encoding: chunked\r\n\r\n`, (socket) => {
      const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`
      const pour = (): void => {
        while (socket.writable && socket.write(chunk));
      }
      socket.on('drain', pour)
      pour()
    })
    const { outcome } = await call(endless)
    expect(outcome).toMatchObject({ status: 200, truncated: true, text: 'x'.repeat(64 * 1024) })
  })

  test('sends exactly 64 KiB is not cut', async () => {
    const { outcome } = await call(answering(`${OK}content-length: 65536\r\n\r\n${'x'.repeat(65_536)}`))
    expect(outcome).toMatchObject({ truncated: false, text: 'x'.repeat(65_536) })
  })

  test('is cut within a character shows no rubbish', async () => {
    const { outcome } = await call(answering(`${OK}content-length: 70001\r\n\r\nx${'é'.repeat(35_000)}`))
    expect(outcome).toMatchObject({ truncated: true, text: `x${'é'.repeat(32_767)}` })
  })

  test('sends a gzip bomb has nothing inflated, and was asked for no compression', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000))
    let asked = ''
    const { outcome } = await call((socket) =>
      onRequest(socket, (header) => {
        asked = header
        socket.write(`${OK}content-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`)
        socket.end(bomb)
      }),
    )
    expect(outcome).toMatchObject({ status: 200, body: bomb, truncated: false })
    expect(asked).toContain('accept-encoding: identity\r\n')
  })

  test.each([
    ['204 with a body', 204, '', 'HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nhello'],
    ['304 to nobody', 304, '', 'HTTP/1.1 304 Not Modified\r\n\r\n'],
    ['more than its content-length', 200, 'hel', `${OK}content-length: 3\r\n\r\nhello`],
    ['a body without a length', 200, 'hello', `${OK}\r\nhello`],
    ['HTTP/1.0', 200, 'hello', 'HTTP/1.0 200 OK\r\n\r\nhello'],
    ['the status 999', 999, '', 'HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n'],
    ['410', 410, 'gone', 'HTTP/1.1 410 Gone\r\ncontent-length: 4\r\n\r\ngone'],
    ['500', 500, '', 'HTTP/1.1 500 Broken\r\ncontent-length: 0\r\n\r\n'],
    ['103 and then 200', 200, 'ok', `HTTP/1.1 103 Early Hints\r\n\r\n${OK}content-length: 2\r\n\r\nok`],
  ])('sends %s gives the answer %i', async (_, status, text, bytes) => {
    const { outcome } = await call(answering(bytes))
    expect(outcome).toMatchObject({ status, text, truncated: false, peer: '127.0.0.1' })
  })

  test('sends two headers of one name has them joined', async () => {
    const { outcome } = await call(answering(`${OK}A: 1\r\na: 2\r\n__proto__: x\r\ncontent-length: 0\r\n\r\n`))
    expect(outcome).toMatchObject({ headers: { a: '1, 2' } })
    expect(Object.getPrototypeOf((outcome as { headers: object }).headers)).toBe(Object.prototype)
  })
})

describe('the caller', () => {
  test('ends a call by its signal', async () => {
    const controller = new AbortController()
    const { outcome, tookMs } = await call(
      whenAsked(() => controller.abort(new Error('cancelled'))),
      { signal: controller.signal, timeoutMs: 60_000 },
    )
    expect(outcome).toMatchObject({ code: 'aborted', cause: { message: 'cancelled' } })
    expect(tookMs).toBeLessThan(PATIENT_MS)
  })

  test('whose signal has fired before makes no connection', async () => {
    const server = await receiver(() => undefined)
    servers.push(server)
    const outbound = createOutbound({ allowCidrs: ['127.0.0.0/8'] })
    const request = { url: server.url, method: 'GET', signal: AbortSignal.abort() } as const
    await expect(outbound.request(request)).rejects.toMatchObject({ code: 'aborted' })
    expect(server.accepted()).toBe(0)
  })

  test('sends method, path, headers and body as given', async () => {
    let asked = ''
    const seen = Promise.withResolvers<undefined>()
    const serve = (socket: Socket): void => {
      socket.on('data', (chunk: Buffer) => {
        asked += chunk.toString()
        if (asked.endsWith('{"a":1}')) socket.end(`${OK}content-length: 0\r\n\r\n`, () => seen.resolve(undefined))
      })
    }
    await call(serve, { method: 'PUT', body: '{"a":1}', headers: { 'X-Trace': 'abc' } })
    await seen.promise
    expect(asked).toMatch(/^PUT \/ HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\nconnection: close\r\n/)
    expect(asked).toContain('X-Trace: abc\r\n')
    expect(asked).toContain('content-length: 7\r\n')
  })

  test.each([
    [{ method: 'CONNECT' }],
    [{ method: 'get' }],
    [{ method: 'TRACE' }],
    [{ timeoutMs: 0 }],
    [{ timeoutMs: Number.NaN }],
    [{ timeoutMs: Number.POSITIVE_INFINITY }],
    [{ headers: { host: 'x' } }],
    [{ headers: { 'Transfer-Encoding': 'chunked' } }],
  ])('gets invalid_request for %j', async (more) => {
    const { outcome } = await call(answering(`${OK}\r\n`), more as Partial<OutboundRequest>)
    expect(outcome).toMatchObject({ code: 'invalid_request' })
  })
})

describe('sockets', () => {
  test('are bounded for each origin, and everybody gets their turn', async () => {
    const server = await receiver(answering(`${OK}content-length: 2\r\n\r\nok`))
    servers.push(server)
    const dial = counter()
    const outbound = createOutbound({ allowCidrs: ['127.0.0.0/8'], socketsPerOrigin: 4, connect: dial })
    const calls = Array.from({ length: 60 }, () => outbound.request({ url: server.url, method: 'GET' }))
    const statuses = (await Promise.all(calls)).map((response) => response.status)
    expect(statuses).toEqual(Array.from({ length: 60 }, () => 200))
    expect([server.accepted(), dial.peak()]).toEqual([60, 4])
    await server.idle()
  })

  test('that hang at one origin leave another one free, and waiting ends with the deadline', async () => {
    const [hanging, quick] = [
      await receiver(() => undefined),
      await receiver(answering(`${OK}content-length: 0\r\n\r\n`)),
    ]
    servers.push(hanging, quick)
    const dial = counter()
    const outbound = createOutbound({
      allowCidrs: ['127.0.0.0/8'],
      socketsPerOrigin: 2,
      timeoutMs: PATIENT_MS,
      connect: dial,
    })
    const hangs = { url: hanging.url, method: 'GET', timeoutMs: DEADLINE_MS } as const
    const stuck = Array.from({ length: 6 }, () => outbound.request(hangs))
    const outcomes = Promise.allSettled(stuck)
    expect((await outbound.request({ url: quick.url, method: 'GET' })).status).toBe(200)
    const codes = (await outcomes).map(
      (outcome) => outcome.status === 'rejected' && (outcome.reason as { code: string }).code,
    )
    expect(codes).toEqual(Array.from({ length: 6 }, () => 'timeout_total'))
    // Two that hang and the one to the quick origin.
    expect(dial.peak()).toBe(3)
  })
})

describe('names that do not resolve', () => {
  const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }))
  test.each([
    ['NXDOMAIN', failing('ENOTFOUND')],
    ['SERVFAIL', failing('EAI_AGAIN')],
    ['no address', async () => []],
    ['no answer', () => new Promise<never>(() => undefined)],
  ])('%s fails with dns', async (_, resolve) => {
    const outbound = createOutbound({ resolve, connectTimeoutMs: 50 })
    await expect(outbound.request({ url: 'http://gone.example/', method: 'GET' })).rejects.toMatchObject({
      code: 'dns',
    })
  })

  test('no answer within the deadline fails with timeout_total', async () => {
    const outbound = createOutbound({ resolve: () => new Promise(() => undefined), timeoutMs: 50 })
    await expect(outbound.request({ url: 'http://gone.example/', method: 'GET' })).rejects.toMatchObject({
      code: 'timeout_total',
    })
  })
})
