// Batches: gathered until their moment, and the same bytes for those who gathered the same.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { vi } from 'vitest'
import { expect, test } from '../../test/support/fixtures.ts'
import { createBatches, createFrames, frameOf } from './batches.ts'
import { gatherMs } from './connection.ts'

test('those who gathered the same share a frame, whoever gathered otherwise has one of its own', () => {
  const makeFrame = createFrames(7)
  const told = (frame: Buffer): unknown => JSON.parse(frame.toString('utf8', 2))
  const shared = makeFrame(['{"n":1}', '{"n":2}'])
  expect(told(shared)).toEqual({ type: 'batch', ts: 7, items: [{ n: 1 }, { n: 2 }] })
  const more = makeFrame(['{"n":1}', '{"n":2}', '"é"'])
  expect(makeFrame(['{"n":1}'])).not.toBe(shared)
  expect(told(more)).toMatchObject({ items: [{ n: 1 }, { n: 2 }, 'é'] })
  const again = makeFrame(['{"n":3}'])
  expect(makeFrame(['{"n":3}'])).toBe(again)
})

test('in a crowd of sockets facts gather twice as long', () => {
  expect([1, 50, 51, 1_000].map(gatherMs)).toEqual([10, 10, 20, 20])
})

test('all of one moment leave together, each moment by itself, and none that was called off', () => {
  vi.useFakeTimers({ now: 1_000 })
  const left: [string, number][] = []
  const batches = createBatches()
  const leave = (name: string) => (_makeFrame: unknown, now: number) => void left.push([name, now])
  batches.meet(1_010, leave('one'))
  const callOff = batches.meet(1_010, leave('gone'))
  batches.meet(1_040, leave('later'))
  batches.meet(1_010, leave('two'))
  callOff()
  vi.advanceTimersByTime(10)
  expect(left).toEqual([
    ['one', 1_010],
    ['two', 1_010],
  ])
  vi.advanceTimersByTime(30)
  expect(left.slice(2)).toEqual([['later', 1_040]])
  vi.useRealTimers()
})

test('clients read a frame of any length as one text', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sockets = new WebSocketServer({ noServer: true })
  const texts = ['', 'é', ...[125, 126, 65_535, 65_536, 200_000].map((length) => '日'.padStart(length - 2, 'a'))]
  server.on('upgrade', (req, socket, head) =>
    sockets.handleUpgrade(req, socket, head, () => texts.forEach((text) => socket.write(frameOf(text)))),
  )
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const heard: string[] = []
  client.on('message', (data: Buffer, isBinary) => heard.push(isBinary ? 'binary' : data.toString('utf8')))
  await expect.poll(() => heard.length).toBe(texts.length)
  expect(heard).toEqual(texts)
  client.terminate()
  server.close()
})
