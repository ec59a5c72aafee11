// An answer comes whole or not at all, and a line that is dead is left.
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test as base, vi } from 'vitest'
import { clock } from '../ui/clock.ts'
import { Unreachable } from './failure.ts'
import { reach } from './reach.ts'

interface Asked {
  /** Asks a server that answers so. */
  ask: (answer: (reply: ServerResponse) => void, init?: RequestInit) => Promise<Response>
}

const test = base.extend<Asked>({
  ask: async ({}, use) => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    await use((answer, init) => {
      server.once('request', (_question, reply) => answer(reply))
      return reach(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, init)
    })
    server.closeAllConnections()
    server.close()
  },
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

test('an answer is passed on as it came, also one without a body', async ({ ask }) => {
  const told = await ask((reply) => reply.writeHead(201, { etag: '"1"' }).end('{"id":1}'))
  expect([told.status, told.headers.get('etag'), await told.json()]).toEqual([201, '"1"', { id: 1 }])
  const none = await ask((reply) => reply.writeHead(204).end())
  expect([none.status, await none.text()]).toEqual([204, ''])
})

test('one that breaks off in the middle is none', async ({ ask }) => {
  const half = (reply: ServerResponse): void => {
    reply.writeHead(200, { 'content-length': 100 }).write('{"id":')
    setImmediate(() => reply.destroy())
  }
  await expect(ask(half)).rejects.toThrow(Unreachable)
})

test.for([
  ['never begins', 40_000, () => undefined],
  ['never ends', 180_000, (reply: ServerResponse) => void reply.writeHead(200, { 'content-length': 100 }).write('{')],
] as const)('one that %s is given up after %i ms', async ([, ms, answer], { ask }) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const begins = Promise.withResolvers<undefined>()
  vi.spyOn(clock, 'answered').mockImplementation(() => begins.resolve(undefined))
  const asked = ask((reply) => {
    answer(reply)
    if (!reply.headersSent) begins.resolve(undefined)
  })
  const outcome = asked.catch((error: unknown) => error)
  await begins.promise
  vi.advanceTimersByTime(ms - 1)
  expect(await Promise.race([outcome, Promise.resolve('waits')])).toBe('waits')
  vi.advanceTimersByTime(1)
  expect(await outcome).toBeInstanceOf(Unreachable)
})

test('one that was called off says so', async ({ ask }) => {
  const over = new AbortController()
  const asked = ask(() => over.abort(), { signal: over.signal })
  await expect(asked).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
})
