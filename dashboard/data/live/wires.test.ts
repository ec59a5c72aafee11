// The three ways of listening tell the same story: opened, frames in order, closed once.
import { expect, test, vi } from 'vitest'
import { openEventSource } from './event-source.ts'
import type { Frame } from './frames.ts'
import { later } from './later.ts'
import { openPoll, type Question } from './poll.ts'
import { openSocket } from './socket.ts'
import type { OpenWire, Wire } from './wire.ts'

const snapshotText = '{"type":"snapshot","topic":"state:queues","epoch":"e","seq":1,"rows":{"mail":1},"cursor":"1-0"}'

const record = (
  open: OpenWire,
): { wire: Wire; frames: Frame[]; opened: Promise<undefined>; closed: Promise<undefined>; heard: Promise<Frame> } => {
  const [opened, closed, heard] = [
    Promise.withResolvers<undefined>(),
    Promise.withResolvers<undefined>(),
    Promise.withResolvers<Frame>(),
  ]
  const frames: Frame[] = []
  const wire = open({
    open: () => opened.resolve(undefined),
    closed: () => closed.resolve(undefined),
    frame: (frame) => {
      frames.push(frame)
      heard.resolve(frame)
    },
  })
  return { wire, frames, opened: opened.promise, closed: closed.promise, heard: heard.promise }
}

class FakeSocket {
  static made: FakeSocket[] = []
  readyState = 1
  sent: unknown[] = []
  onmessage?: (event: { data: unknown }) => void
  onclose?: () => void
  onerror?: () => void
  readonly protocol: string
  constructor(_url: string, protocol: string) {
    this.protocol = protocol
    FakeSocket.made.push(this)
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }
  close(): void {
    this.onclose?.()
  }
}

test('a socket is opened with a ticket, subscribes in batches, and ends once', async () => {
  const { wire, opened, closed, frames } = record(
    openSocket(async () => ({ url: 'ws://k1n.test/stream?ticket=1' }), FakeSocket as never),
  )
  await Promise.resolve()
  await Promise.resolve()
  const [socket] = FakeSocket.made
  if (!socket) throw new Error('no socket was opened')
  expect(socket.protocol).toBe('k1n.v2')
  socket.onmessage?.({ data: '{"type":"hello","cursor":"1-0"}' })
  await opened
  wire.listen({ id: 1, topic: 'dlq:*', after: '1-0' })
  wire.listen({ id: 2, topic: 'job:*', filter: { task_id: ['a:1'] }, after: undefined })
  wire.forget(1)
  expect(socket.sent).toEqual([
    { type: 'ack', frames: 1 },
    { type: 'subscribe', id: 1, topics: ['dlq:*'], batch: true, patch: true, after: '1-0' },
    { type: 'subscribe', id: 2, topics: ['job:*'], batch: true, patch: true, filter: { task_id: ['a:1'] } },
    { type: 'unsubscribe', id: 1 },
  ])
  socket.onmessage?.({ data: 'not json' })
  socket.onmessage?.({ data: snapshotText })
  expect(frames.map((frame) => frame.type)).toEqual(['hello', 'snapshot'])
  socket.close()
  await closed
})

test('a socket says what it has taken, now and then for many frames together', async () => {
  vi.useFakeTimers()
  const { wire } = record(openSocket(async () => ({ url: 'ws://k1n.test/stream?ticket=1' }), FakeSocket as never))
  await vi.advanceTimersByTimeAsync(0)
  const socket = FakeSocket.made.at(-1)
  for (const data of ['{"type":"hello","cursor":"1-0"}', 'not json', snapshotText, snapshotText])
    socket?.onmessage?.({ data })
  expect(socket?.sent).toEqual([{ type: 'ack', frames: 1 }])
  await vi.advanceTimersByTimeAsync(50)
  expect(socket?.sent).toEqual([
    { type: 'ack', frames: 1 },
    { type: 'ack', frames: 4 },
  ])
  wire.close()
  vi.useRealTimers()
})

test('a refused ticket ends the way', async () => {
  const { closed } = record(openSocket(() => Promise.reject(new Error('503')), FakeSocket as never))
  await closed
})

test('an event stream names all topics, hands on frames, and its end is a loss', async () => {
  const asked: string[] = []
  const get = (async (url: string) => {
    asked.push(url)
    return new Response(`id: 1-0\ndata: ${snapshotText}\n\n`)
  }) as typeof fetch
  const { wire, heard, closed } = record(openEventSource('/sse', get))
  wire.listen({ id: 1, topic: 'state:queues', after: undefined })
  wire.listen({ id: 2, topic: 'dlq:*', after: '9-1' })
  expect(await heard).toMatchObject({ type: 'snapshot', topic: 'state:queues' })
  await closed
  expect(asked).toEqual(['/sse?topics=dlq%3A*%2Cstate%3Aqueues&after=9-1'])
})

test('what keeps an event stream open is heard, though it says nothing', async () => {
  const get = (): Promise<Response> => Promise.resolve(new Response(': alive\n\n'))
  const { wire, heard, closed } = record(openEventSource('/sse', get))
  wire.listen({ id: 1, topic: 'dlq:*', after: undefined })
  expect(await heard).toEqual({ type: 'pong', at: undefined, cursor: undefined })
  await closed
})

test('long-poll asks one question at a time and goes on where the answer ended', async () => {
  const questions: Question[] = []
  const answers = [{ data: [JSON.parse(snapshotText) as unknown], cursor: '2-0' }]
  const asked = Promise.withResolvers<undefined>()
  const ask = (question: Question): Promise<{ data: unknown[]; cursor: string }> => {
    questions.push(question)
    if (questions.length === 2) asked.resolve(undefined)
    const answer = answers.shift()
    return answer
      ? Promise.resolve(answer)
      : new Promise((_resolve, reject) =>
          question.signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError'))),
        )
  }
  const { wire, heard } = record(openPoll(ask))
  wire.listen({ id: 1, topic: 'state:queues', after: '1-0' })
  expect(await heard).toMatchObject({ type: 'snapshot' })
  await asked.promise
  expect(questions.map(({ topics, after }) => ({ topics, after }))).toEqual([
    { topics: ['state:queues'], after: '1-0' },
    { topics: ['state:queues'], after: '2-0' },
  ])
  wire.close()
})

/** How often it asks within a second, from 0 ms to 1,000, a server that tells something each time, after so many ms. */
const askedASecond = async (answerMs: number): Promise<number> => {
  vi.useFakeTimers()
  let asked = 0
  const ask = async (): Promise<{ data: unknown[]; cursor: string }> => {
    asked += 1
    if (answerMs > 0) await new Promise((resolve) => setTimeout(resolve, answerMs))
    return { data: [JSON.parse(snapshotText) as unknown], cursor: `${asked}-0` }
  }
  const { wire } = record(openPoll(ask))
  wire.listen({ id: 1, topic: 'job:*', after: undefined })
  await vi.advanceTimersByTimeAsync(1_000)
  wire.close()
  vi.useRealTimers()
  return asked
}

test('after an answer that told something long-poll rests a moment before it asks again', async () => {
  expect(await askedASecond(0)).toBeLessThanOrEqual(14)
  expect(await askedASecond(0)).toBeGreaterThan(12)
})

test('a slow answer takes nothing from the pace of long-poll, and one slower than that is followed by the next question', async () => {
  expect(await askedASecond(50)).toBe(await askedASecond(0))
  expect(await askedASecond(100)).toBe(11)
})

test('a poll that fails is a loss', async () => {
  const { wire, closed } = record(openPoll(() => Promise.reject(new Error('503'))))
  wire.listen({ id: 1, topic: 'state:queues', after: undefined })
  await closed
})

test('a way that has to be fetched first is opened when it is there, and not after it was closed', async () => {
  const made: Wire[] = []
  const open: OpenWire = (hears) => {
    const wire = { listen: vi.fn(), forget: vi.fn(), ping: vi.fn(), close: vi.fn() }
    made.push(wire)
    hears.open()
    return wire
  }
  const { wire, opened } = record(later(async () => open))
  await opened
  wire.listen({ id: 1, topic: 'dlq:*', after: undefined })
  wire.forget(1)
  wire.ping()
  wire.close()
  for (const call of Object.values(made[0] ?? {})) expect(call).toHaveBeenCalledTimes(1)
  record(later(async () => open)).wire.close()
  await Promise.resolve()
  expect(made).toHaveLength(1)
})

test('a way that cannot be fetched is a loss', async () => {
  const { closed } = record(later(() => Promise.reject(new Error('the network is gone'))))
  await closed
})
