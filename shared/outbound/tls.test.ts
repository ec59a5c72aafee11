// TLS is verified for the name in the URL although the connection goes to a pinned address.
import { createServer, type TlsOptions } from 'node:tls'
import { createServer as createHttpsServer } from 'node:https'
import { connect as tcpConnect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { certificateAuthority, selfSigned } from './fixtures/certificates.ts'
import { answering, receiver, type Receiver } from './fixtures/receiver.ts'
import { createOutbound, type Outbound } from './outbound.ts'

const authority = certificateAuthority()
const DAY = 24 * 60 * 60 * 1000
const servers: Receiver[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

const open = (connectTimeoutMs?: number): Outbound =>
  createOutbound({
    allowCidrs: ['127.0.0.1'],
    ca: [authority.pem],
    resolve: async () => [{ address: '127.0.0.1' }],
    ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
  })
const [outbound, impatient] = [open(), open(200)]

async function codeFrom(serve: (socket: Socket) => void, options?: TlsOptions, from = outbound): Promise<unknown> {
  const server = await receiver(serve, options === undefined ? undefined : createServer(options))
  servers.push(server)
  const url = `https://hook.example:${server.port}/`
  const outcome: unknown = await from.request({ url, method: 'GET' }).catch((error: unknown) => error)
  await server.idle()
  return (outcome as { code?: unknown }).code
}
const nothing = (): undefined => undefined

test('a good certificate is accepted; name and Host are those of the URL', async () => {
  const asked: unknown[] = []
  const https = createHttpsServer(authority.issue('hook.example'), (request, response) => {
    asked.push((request.socket as unknown as { servername: unknown }).servername, request.headers.host)
    response.end('hello')
  })
  const server = await receiver(nothing, https)
  servers.push(server)
  const response = await outbound.request({ url: `https://hook.example:${server.port}/`, method: 'GET' })
  expect(response).toMatchObject({ status: 200, text: 'hello', peer: '127.0.0.1' })
  expect(asked).toEqual(['hook.example', `hook.example:${server.port}`])
})

test.each([
  ['signed by itself', selfSigned('hook.example')],
  ['signed by a stranger', certificateAuthority().issue('hook.example')],
  ['for another name', authority.issue('other.example')],
  ['expired', authority.issue('hook.example', { from: new Date(0), until: new Date(Date.now() - DAY) })],
  [
    'not yet valid',
    authority.issue('hook.example', { from: new Date(Date.now() + DAY), until: new Date(Date.now() + 2 * DAY) }),
  ],
])('a certificate %s fails with tls_cert', async (_, certificate) => {
  expect(await codeFrom(nothing, certificate)).toBe('tls_cert')
})

test('a server without a certificate fails with tls_protocol', async () => {
  expect(await codeFrom(nothing, {})).toBe('tls_protocol')
})

test('TLS 1.1 fails with tls_protocol', async () => {
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
  expect(await codeFrom(nothing, { ...authority.issue('hook.example'), ...old })).toBe('tls_protocol')
})

test('plain HTTP behind https fails with tls_protocol', async () => {
  expect(await codeFrom((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad\r\n\r\n')))).toBe(
    'tls_protocol',
  )
})

test('a handshake that never ends fails with timeout_connect', async () => {
  expect(await codeFrom((socket) => socket.resume(), undefined, impatient)).toBe('timeout_connect')
})

test('hanging up after the ClientHello fails with reset', async () => {
  expect(await codeFrom((socket) => socket.once('data', () => socket.end()))).toBe('reset')
  expect(await codeFrom((socket) => socket.once('data', () => socket.resetAndDestroy()))).toBe('reset')
})

test('a certificate for the name does not vouch for a bare address', async () => {
  const server = await receiver(nothing, createServer(authority.issue('hook.example')))
  servers.push(server)
  const url = `https://127.0.0.1:${server.port}/`
  await expect(outbound.request({ url, method: 'GET' })).rejects.toMatchObject({ code: 'tls_cert' })
})

test('a peer other than the judged one does not even see a ClientHello', async () => {
  let bytes = 0
  const server = await receiver((socket) => socket.on('data', (chunk) => (bytes += chunk.length)))
  servers.push(server)
  const misled = createOutbound({
    resolve: async () => [{ address: '93.184.216.34' }],
    connect: () => tcpConnect(server.port, '127.0.0.1'),
  })
  await expect(misled.request({ url: 'https://hook.example/', method: 'GET' })).rejects.toMatchObject({
    code: 'ssrf_blocked',
  })
  await server.idle()
  expect(bytes).toBe(0)
})

test('plain http is not offered TLS', async () => {
  const server = await receiver(answering('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'))
  servers.push(server)
  expect(await outbound.request({ url: `http://hook.example:${server.port}/`, method: 'GET' })).toMatchObject({
    status: 200,
  })
})
