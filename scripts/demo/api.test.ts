// The demo waits for an API that is away or busy, and hears when it is refused.
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { demoApi, Refused } from './api.ts'

interface Answer {
  status: number
  headers?: Record<string, string>
  body?: object
}

/** An API that gives these answers, one after another, and keeps what it was asked. */
const serve = async (answers: readonly Answer[]) => {
  const asked: IncomingHttpHeaders[] = []
  const server = createServer((request, response) => {
    const { status, headers, body } = answers[asked.push(request.headers) - 1] ?? { status: 500 }
    request.resume().once('end', () => response.writeHead(status, headers).end(JSON.stringify(body ?? {})))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return { api: demoApi(`http://127.0.0.1:${port}`, 'key', new AbortController().signal), asked }
}

test('waits while its first try, whose answer got lost, is still running, and makes no second job', async () => {
  const { api, asked } = await serve([
    { status: 503, body: { code: 'outcome-unknown' } },
    { status: 409, headers: { 'Retry-After': '1' }, body: { code: 'idempotency-in-progress' } },
    { status: 201, body: { id: 'mail:t_1' } },
  ])
  expect(await api.post('/jobs', { name: 'demo.mail' })).toEqual({ id: 'mail:t_1' })
  expect(new Set(asked.map((headers) => headers['idempotency-key'])).size).toBe(1)
  expect(asked).toHaveLength(3)
})

test('gives up on a refusal that would come again', async () => {
  const { api, asked } = await serve([{ status: 409, body: { code: 'conflict' } }])
  await expect(api.post('/jobs', {})).rejects.toThrow(Refused)
  expect(asked).toHaveLength(1)
})
