// Listening over plain HTTP and over a socket: the same facts, by the same cursor.
import { JobAdded } from '../../../shared/jobs/events.ts'
import { fact } from '../../../shared/kernel/event.ts'
import type { Door } from '../fixtures.ts'
import { expect, test } from '../fixtures.ts'
import { open } from './socket.ts'

const sse = '/api/v2/stream/sse'

const tell = async ({ api }: Door, ...numbers: number[]): Promise<string[]> =>
  api.rooms.log.append(
    numbers.map((n) =>
      fact(JobAdded, 1_000 + n, { task_id: `mail:t_${n}`, queue: 'mail', name: 'welcome', state: 'waiting' }),
    ),
  )

/** Reads an event stream until `enough` holds for its text. */
const readUntil = async (response: Response, enough: (text: string) => boolean): Promise<string> => {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (reader && !enough(text)) {
    const { value, done } = await reader.read()
    if (done) break
    text += value
  }
  await reader?.cancel()
  return text
}

test('a poll without a cursor answers where to go on, and with it what came since', async ({ door }) => {
  const { cursor } = await door.client.stream.poll({ query: { topics: 'job:*' } })
  const ids = await tell(door, 1, 2)
  const page = await door.client.stream.poll({ query: { topics: 'job:*', after: cursor, wait: 5 } })
  expect(page.data.map((frame) => 'id' in frame && frame.id)).toEqual(ids.slice(0, page.data.length))
})

test('an event stream tells facts with their ids, and goes on after Last-Event-ID', async ({ door }) => {
  const [first, second, third] = await tell(door, 1, 2, 3)
  const headers = { authorization: `Bearer ${door.adminKey}`, 'last-event-id': first ?? '' }
  const response = await fetch(`${door.url}${sse}?topics=job:*`, { headers })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const text = await readUntil(response, (sofar) => sofar.includes(third ?? '-'))
  expect([...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id)).toEqual([second, third])
})

test('an event stream tells a state topic as snapshots', async ({ door }) => {
  const headers = { authorization: `Bearer ${door.adminKey}` }
  const response = await fetch(`${door.url}${sse}?topics=state:queues`, { headers })
  expect(await readUntil(response, (sofar) => sofar.includes('event: snapshot'))).toContain('"topic":"state:queues"')
})

test('a ticket opens one socket, which tells facts once and in order', async ({ door }) => {
  const { url } = await door.client.stream.ticket()
  const first = open(url)
  expect(await first.until('hello')).toMatchObject({ heartbeat_s: 20 })
  first.socket.send(JSON.stringify({ type: 'subscribe', id: 1, topics: ['job:*'] }))
  await first.until('subscribed')
  const [id] = await tell(door, 7)
  expect(await first.until('event')).toMatchObject({
    id,
    event: 'job:added',
    name: 'job.added',
    data: { task_id: 'mail:t_7' },
  })
  expect(await open(url).refused).toBe(401)
  first.socket.close()
})

test('a page of another origin, a cookie alone and a credential without the scope open nothing', async ({ door }) => {
  const { url } = await door.client.stream.ticket()
  expect(await open(url, { headers: { origin: 'https://evil.example' } }).refused).toBe(403)
  expect(await open(`${door.url}/api/v2/stream`).refused).toBe(401)
  const key = await door.keyWith(['jobs:read'])
  expect(await open(`${door.url}/api/v2/stream`, { headers: { authorization: `Bearer ${key}` } }).refused).toBe(403)
})

test('frames that make no sense are answered, binary ones and a flood end the socket', async ({ door }) => {
  const headers = { authorization: `Bearer ${door.adminKey}` }
  const odd = open(`${door.url}/api/v2/stream`, { headers })
  await odd.until('hello')
  for (const frame of ['{', '[]', '{"type":"subscribe","id":"x"}', '{"type":"constructor"}']) odd.socket.send(frame)
  expect(await odd.until('error')).toMatchObject({ code: 'bad-frame' })
  odd.socket.send(JSON.stringify({ type: 'subscribe', id: 3, topics: ['state:nothing'] }))
  odd.socket.send(Buffer.from([1, 2, 3]))
  expect(await odd.closed).toBe(4400)
  expect(odd.frames).toContainEqual(expect.objectContaining({ type: 'error', id: 3, code: 'unknown-topic' }))
  const flood = open(`${door.url}/api/v2/stream`, { headers })
  await flood.until('hello')
  for (let n = 0; n < 200; n++) flood.socket.send('{"type":"ping"}')
  expect(await flood.closed).toBe(4429)
})
