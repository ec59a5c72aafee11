// What the broken network does, shown with a server that echoes.
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { once } from 'node:events'
import { describe, expect, test as base } from 'vitest'
import { startProxy } from './proxy.ts'
import type { Proxy } from './proxy.ts'

interface Echo {
  port: number
  /** Everything that arrived, over all connections. */
  heard: () => string
  open: () => number
}

const test = base.extend<{ echo: Echo; proxy: Proxy; dial: () => Promise<Caller> }>({
  echo: async ({}, use) => {
    const sockets = new Set<Socket>()
    let heard = ''
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
      socket.on('data', (chunk: Buffer) => {
        heard += chunk.toString()
        socket.write(chunk)
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    await use({ port: (server.address() as AddressInfo).port, heard: () => heard, open: () => sockets.size })
    for (const socket of sockets) socket.destroy()
    server.close()
  },
  proxy: async ({ echo }, use) => {
    const proxy = await startProxy(echo.port)
    await use(proxy)
    await proxy.close()
  },
  dial: async ({ proxy }, use) => {
    const callers: Caller[] = []
    await use(async () => {
      const caller = await call(proxy.port)
      callers.push(caller)
      return caller
    })
    for (const { socket } of callers) socket.destroy()
  },
})

interface Caller {
  socket: Socket
  /** Resolves once this text has come back. */
  hears(text: string): Promise<void>
  ended: Promise<string>
  heard(): string
}

const call = async (port: number): Promise<Caller> => {
  const socket = connect({ port, host: '127.0.0.1' })
  let heard = ''
  let look = (): void => undefined
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString()
    look()
  })
  const ended = new Promise<string>((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'))
    socket.once('close', () => resolve('closed'))
  })
  await Promise.race([once(socket, 'connect'), ended])
  return {
    socket,
    ended,
    heard: () => heard,
    hears: (text) =>
      new Promise((resolve) => {
        look = () => heard.includes(text) && resolve()
        look()
      }),
  }
}

describe('a network', () => {
  test('that is well carries bytes both ways', async ({ dial }) => {
    const caller = await dial()
    caller.socket.write('hello')
    await caller.hears('hello')
  })

  test('that refuses resets who comes', async ({ proxy, dial }) => {
    proxy.set({ is: 'refuse' })
    expect(await (await dial()).ended).toBe('ECONNRESET')
  })

  test('that is cut resets everybody and serves who comes then', async ({ proxy, dial }) => {
    const caller = await dial()
    caller.socket.write('before')
    await caller.hears('before')
    expect(proxy.cut()).toBe(1)
    expect(await caller.ended).toBe('ECONNRESET')
    const next = await dial()
    next.socket.write('after')
    await next.hears('after')
  })

  test('that stalls delivers everything in order once it heals', async ({ echo, proxy, dial }) => {
    const caller = await dial()
    proxy.set({ is: 'stall' })
    caller.socket.write('one ')
    const other = await dial()
    other.socket.write('x')
    caller.socket.write('two')
    while (proxy.held < 'one twox'.length) await new Promise((resolve) => setImmediate(resolve))
    expect(echo.heard()).toBe('')
    proxy.heal()
    await caller.hears('one two')
    await other.hears('x')
  })

  test('that loses a flow says nothing to either side, and serves new ones', async ({ echo, proxy, dial }) => {
    const caller = await dial()
    caller.socket.write('before')
    await caller.hears('before')
    expect(proxy.lose()).toBe(1)
    caller.socket.write('lost')
    const next = await dial()
    next.socket.write('after')
    await next.hears('after')
    expect(caller.heard()).toBe('before')
    expect(echo.heard()).toBe('beforeafter')
    caller.socket.destroy()
    await caller.ended
    await next.hears('after')
    expect(echo.open()).toBe(2)
  })

  test('that swallows answers carries requests, and resets those flows when it heals', async ({
    echo,
    proxy,
    dial,
  }) => {
    const caller = await dial()
    proxy.set({ is: 'swallow', direction: 'to_client' })
    caller.socket.write('applied')
    const other = await dial()
    other.socket.write(' too')
    while (echo.heard().length < 'applied too'.length) await new Promise((resolve) => setImmediate(resolve))
    while (proxy.lost < 'applied too'.length) await new Promise((resolve) => setImmediate(resolve))
    proxy.heal()
    expect(await caller.ended).toBe('ECONNRESET')
    expect(caller.heard()).toBe('')
  })

  test('that delays keeps the order of what it carries', async ({ proxy, dial }) => {
    const caller = await dial()
    proxy.set({ is: 'delay', ms: 5, jitterMs: 20 })
    const began = performance.now()
    for (let n = 0; n < 10; n++) {
      caller.socket.write(`${n} `)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await caller.hears('0 1 2 3 4 5 6 7 8 9 ')
    expect(performance.now() - began).toBeGreaterThan(8)
  })
})
