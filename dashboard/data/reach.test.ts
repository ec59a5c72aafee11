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

/** Until everything that was due has run. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

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
  ['never begins', () => undefined],
  ['never goes on', (reply: ServerResponse) => reply.writeHead(200, { 'content-length': 100 }).flushHeaders()],
] as const)('one that %s is given up after 40 s, and not before', async ([, answer], { ask }) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const begins = Promise.withResolvers<undefined>()
  vi.spyOn(clock, 'answered').mockImplementation(() => {
    // What it took to begin is no part of how long it may be silent then.
    vi.advanceTimersByTime(39_999)
    begins.resolve(undefined)
  })
  const asked = ask((reply) => {
    answer(reply)
    if (!reply.headersSent) begins.resolve(undefined)
  })
  const outcome = vi.fn((error: unknown) => error)
  const told = asked.catch(outcome)
  await begins.promise
  await turn()
  vi.advanceTimersByTime(39_999)
  await turn()
  expect(outcome).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(await told).toBeInstanceOf(Unreachable)
})

test('one that is only slow is taken, however long that is, until it stops for 40 s', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const lines: ReadableStreamDefaultController<Uint8Array>[] = []
  vi.spyOn(globalThis, 'fetch').mockImplementation((_input, init) => {
    const start = (line: (typeof lines)[number]): void => {
      lines.push(line)
      init?.signal?.addEventListener('abort', () => line.error(init.signal?.reason))
    }
    return Promise.resolve(new Response(new ReadableStream({ start })))
  })
  const [whole, half] = [reach('/'), reach('/').catch((error: unknown) => error)]
  for (let part = 0; part < 10; part++) {
    await turn()
    vi.advanceTimersByTime(39_999)
    await turn()
    for (const line of lines) line.enqueue(Buffer.from(String(part)))
  }
  lines[0]?.close()
  expect(await (await whole).text()).toBe('0123456789')
  vi.advanceTimersByTime(40_000)
  expect(await half).toBeInstanceOf(Unreachable)
})

test('one that was called off says so', async ({ ask }) => {
  const over = new AbortController()
  const asked = ask(() => over.abort(), { signal: over.signal })
  await expect(asked).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
})
