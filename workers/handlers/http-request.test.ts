// http.request against a server of our own: statuses become fates.
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test as base } from '../../test/support/fixtures.ts'
import { catalogOf } from '../../shared/catalog/catalog.ts'
import { httpRequest as kind } from '../../shared/catalog/http-request.ts'
import { createOutbound } from '../../shared/outbound/outbound.ts'
import { createTestKit } from '../../shared/testing/testing.ts'
import type { TestKit } from '../../shared/testing/testing.ts'
import { httpRequest } from './http-request.ts'

interface Seen {
  method: string
  headers: IncomingMessage['headers']
  body: string
}
interface Given {
  kit: TestKit<ReturnType<typeof only>>
  server: { url: string; seen: Seen[]; answer: (response: ServerResponse) => void }
}
const only = () => catalogOf(kind)

const test = base.extend<Given>({
  server: async ({ prefix: _prefix }, use) => {
    const given: Given['server'] = { url: '', seen: [], answer: (response) => response.end('fine') }
    const server: Server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        given.seen.push({ method: request.method ?? '', headers: request.headers, body })
        given.answer(response)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    given.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?x=1`
    await use(given)
    server.closeAllConnections()
    server.close()
  },
  kit: async ({ kernel }, use) => {
    const outbound = createOutbound({ allowCidrs: ['127.0.0.0/8'] })
    const kit = createTestKit(kernel, {
      catalog: only(),
      handlers: { 'http.request': httpRequest(outbound, kernel.clock) },
    })
    await use(kit)
    await kit.close()
  },
})

test('2xx is the result: status, a few headers, body and how long it took', async ({ kit, server }) => {
  server.answer = (response) =>
    response.writeHead(201, { 'content-type': 'text/plain', 'x-secret': '1', 'x-request-id': 'r1' }).end('made')
  const ran = await kit.perform('http.request', { url: server.url, body: { a: 1 } })
  expect(ran).toMatchObject({ state: 'completed', result: { status: 201, body: 'made', truncated: false } })
  const { headers, duration_ms } = ran.result as { headers: Record<string, string>; duration_ms: number }
  expect(headers).toMatchObject({ 'content-type': 'text/plain', 'x-request-id': 'r1' })
  expect(headers).not.toHaveProperty('x-secret')
  expect(duration_ms).toBeGreaterThanOrEqual(0)
  expect(server.seen[0]).toMatchObject({
    method: 'POST',
    body: '{"a":1}',
    headers: { 'content-type': 'application/json', 'idempotency-key': `http:${ran.id}:0` },
  })
})

test("the job's own headers win", async ({ kit, server }) => {
  const headers = { 'Content-Type': 'application/vnd.x+json', 'Idempotency-Key': 'mine' }
  await kit.perform('http.request', { url: server.url, method: 'PUT', headers, body: { a: 1 } })
  expect(server.seen[0]).toMatchObject({
    method: 'PUT',
    headers: { 'content-type': 'application/vnd.x+json', 'idempotency-key': 'mine' },
  })
})

test('what an event set off says how often that went round', async ({ kit, server }) => {
  const add = (jobId: string, k1n: object) =>
    kit.bull.queue('http').add('http.request', { url: server.url }, { jobId, k1n } as never)
  await add('t_1', { by: 'schedule:bill', hop: 3 })
  await add('t_2', { by: 'Ada' })
  await kit.drain('http')
  expect(server.seen.map(({ headers }) => headers['x-k1n-hop']).sort()).toEqual(['3', undefined])
})

test('a long answer is cut at 64 KiB and says so', async ({ kit, server }) => {
  server.answer = (response) => response.end('x'.repeat(100_000))
  const { result } = await kit.perform('http.request', { url: server.url })
  expect(result).toMatchObject({ truncated: true, body: 'x'.repeat(65_536) })
})

test.for([400, 401, 403, 404, 409, 410, 422])('%i is final', async (status, { kit, server }) => {
  server.answer = (response) => response.writeHead(status).end('no such thing')
  expect(await kit.perform('http.request', { url: server.url })).toMatchObject({
    state: 'failed',
    attemptsMade: 1,
    error: expect.stringMatching(new RegExp(`answered ${status}: no such thing`)) as string,
  })
})

test.for([408, 425, 429, 500, 502, 503, 504])('%i is tried again', async (status, { kit, server }) => {
  server.answer = (response) => response.writeHead(status).end()
  const ran = await kit.perform('http.request', { url: server.url })
  expect(ran.attemptsMade).toBe(1)
  expect(['delayed', 'waiting', 'wait']).toContain(ran.state)
})

test.for([429, 503])('%i obeys Retry-After', async (status, { kit, server }) => {
  server.answer = (response) => response.writeHead(status, { 'retry-after': '120' }).end()
  const { delayMs } = await kit.perform('http.request', { url: server.url })
  expect(delayMs).toBeGreaterThanOrEqual(120_000)
  expect(delayMs).toBeLessThanOrEqual(132_000)
})

test('a receiver that does not answer in time is a time-out, and tried again', async ({ kit, server }) => {
  server.answer = () => undefined
  const ran = await kit.perform('http.request', { url: server.url, timeout_ms: 50 })
  expect(ran).toMatchObject({ attemptsMade: 1, error: expect.stringContaining('longer than its deadline') as string })
  expect(ran.state).not.toBe('failed')
})

test('an address that must not be called is final, and says no address', async ({ kit }) => {
  for (const url of ['http://169.254.169.254/latest', 'http://10.0.0.1/', 'http://[::1]:1/']) {
    const ran = await kit.perform('http.request', { url })
    expect(ran).toMatchObject({ state: 'failed', attemptsMade: 1 })
  }
})
