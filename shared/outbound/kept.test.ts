// Connections that are kept: reused when they are sound, never when they are not, and at the cost of no call.
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { onRequest, receiver } from './fixtures/receiver.ts'
import type { Receiver } from './fixtures/receiver.ts'
import { createOutbound } from './outbound.ts'

const local = ['127.0.0.0/8']
const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
const answersAll = (socket: Socket, bytes = answer): void => {
  const again = (): void =>
    onRequest(socket, () => {
      socket.write(bytes)
      again()
    })
  again()
}
const during = async (serve: (socket: Socket) => void, run: (at: Receiver) => Promise<void>): Promise<void> => {
  const at = await receiver(serve)
  try {
    await run(at)
  } finally {
    await at.close()
  }
}

test('one connection serves one call after another', () =>
  during(answersAll, async (at) => {
    const outbound = createOutbound({ allowCidrs: local, keepMs: 5_000 })
    for (let n = 0; n < 3; n++)
      expect(await outbound.request({ url: at.url, method: 'POST', body: 'x' })).toMatchObject({
        status: 200,
        text: 'ok',
      })
    expect(at.accepted()).toBe(1)
  }))

test('a call that finds its connection ended makes its own', async () => {
  const calls: number[] = []
  // Each connection answers once and hangs up when it is asked again.
  const once = (socket: Socket): void =>
    onRequest(socket, () => {
      socket.write(answer)
      onRequest(socket, () => socket.resetAndDestroy())
    })
  await during(once, async (at) => {
    const outbound = createOutbound({ allowCidrs: local, keepMs: 5_000 })
    for (let n = 0; n < 3; n++) calls.push((await outbound.request({ url: at.url, method: 'POST', body: 'x' })).status)
    expect(at.accepted()).toBe(3)
  })
  expect(calls).toEqual([200, 200, 200])
})

test('a connection is not kept whose answer was cut, or that says it closes', () => {
  const large = `HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n${'x'.repeat(100_000)}`
  const closing = 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok'
  const run = (bytes: string) =>
    during(
      (socket) => answersAll(socket, bytes),
      async (at) => {
        const outbound = createOutbound({ allowCidrs: local, keepMs: 5_000 })
        for (let n = 0; n < 2; n++) await outbound.request({ url: at.url, method: 'GET' })
        expect(at.accepted()).toBe(2)
        await at.idle()
      },
    )
  return Promise.all([run(large), run(closing)])
})
