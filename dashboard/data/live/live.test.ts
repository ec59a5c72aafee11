// The connection's promises: pages keep their subscriptions through every loss, and no event is told twice.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Frame, EventItem } from './frames.ts'
import type { Rung } from './ladder.ts'
import { Live } from './live.ts'
import type { Rows } from './subscription.ts'
import type { Hears, OpenWire, Want } from './wire.ts'

interface Opened {
  rung: Rung
  hears: Hears
  wants: Want[]
  forgotten: number[]
  closed: boolean
}

const opened: Opened[] = []
const fake =
  (rung: Rung): OpenWire =>
  (hears) => {
    const wire: Opened = { rung, hears, wants: [], forgotten: [], closed: false }
    opened.push(wire)
    return {
      listen: (want) => wire.wants.push(want),
      forget: (id) => wire.forgotten.push(id),
      ping: () => undefined,
      close: () => (wire.closed = true),
    }
  }
const last = (): Opened => {
  const wire = opened.at(-1)
  if (!wire) throw new Error('nothing was opened')
  return wire
}
const make = (): Live => new Live({ wires: { ws: fake('ws'), sse: fake('sse'), poll: fake('poll') }, random: () => 0 })
const snapshot = (sub: number | undefined, seq: number, rows: Record<string, unknown>, epoch = 'e'): Frame => ({
  type: 'snapshot',
  sub,
  topic: 'state:queues',
  epoch,
  seq,
  rows,
  cursor: undefined,
})
const item = (id: string, sub?: number) =>
  ({ kind: 'event', sub, id, event: 'dlq:entry-added', name: 'x', ts: '', data: {} }) as const
const event = (id: string, sub?: number): Frame => ({ type: 'items', at: undefined, items: [item(id, sub)] })

beforeEach(() => {
  vi.useFakeTimers()
  opened.length = 0
})
afterEach(() => vi.useRealTimers())

test('a missing change asks for a new snapshot, and frames of the old subscription are ignored from then on', () => {
  const live = make()
  let rows: Rows = new Map()
  live.state('state:queues', (now) => (rows = new Map(now)))
  live.start()
  const { hears, wants, forgotten } = last()
  hears.open()
  hears.frame(snapshot(1, 5, { mail: 1 }))
  hears.frame({
    type: 'items',
    at: undefined,
    items: [{ kind: 'delta', sub: 1, topic: 'state:queues', seq: 7, set: { mail: 3 }, del: [] }],
  })
  expect(forgotten).toEqual([1])
  expect(wants.map((want) => want.id)).toEqual([1, 2])
  hears.frame(snapshot(1, 9, { mail: 9 }))
  expect(rows.get('mail')).toBe(1)
  hears.frame(snapshot(2, 8, { mail: 4 }))
  expect(rows.get('mail')).toBe(4)
  live.stop()
})

test('after a loss the same topics are asked for, events from where they ended, and old rows stay meanwhile', async () => {
  const live = make()
  const heard: EventItem[] = []
  let calls = 0
  live.events('dlq:*', (item) => heard.push(item))
  live.state('state:queues', () => (calls += 1))
  live.start()
  last().hears.open()
  last().hears.frame(snapshot(2, 1, { mail: 1 }))
  last().hears.frame(event('5-0', 1))
  last().hears.closed()
  expect(live.status('UTC').words).toMatch(/^Reconnecting, data as of/)
  await vi.advanceTimersByTimeAsync(1)
  expect(opened).toHaveLength(2)
  last().hears.open()
  expect(last().wants).toEqual([
    { id: 3, topic: 'dlq:*', after: '5-0' },
    { id: 4, topic: 'state:queues', after: undefined },
  ])
  expect(heard).toHaveLength(1)
  expect(calls).toBe(1)
  live.stop()
})

test('what could not be read is asked for again from where it was told, what is refused or was left is not', () => {
  const live = make()
  live.events('dlq:*', () => undefined)
  const leave = live.events('job:*', () => undefined)
  live.start()
  const { hears, wants, forgotten } = last()
  hears.open()
  hears.frame(event('5-0', 1))
  hears.frame({ type: 'error', sub: 1, code: 'forbidden' })
  hears.frame({ type: 'error', sub: 2, code: 'redis-unavailable' })
  leave()
  vi.advanceTimersByTime(5_000)
  expect(wants).toHaveLength(2)
  hears.frame({ type: 'error', sub: 1, code: 'redis-unavailable' })
  vi.advanceTimersByTime(5_000)
  expect(wants.slice(2)).toEqual([{ id: 3, topic: 'dlq:*', after: '5-0' }])
  expect(forgotten).toEqual([2, 1])
  expect(opened).toHaveLength(1)
  live.stop()
})

test('after a loss each pattern goes on from where it was told, and hears nothing twice on a way that tells all at once', async () => {
  const live = make()
  const heard: string[] = []
  live.events('dlq:*', ({ id }) => heard.push(`quick ${id}`))
  live.events('dlq:entry-added', ({ id }) => heard.push(`late ${id}`), { after: '3-0' })
  live.start()
  last().hears.frame({ type: 'hello', cursor: '3-0', epoch: 'e', now: undefined, heartbeatMs: 20_000 })
  last().hears.open()
  last().hears.frame(event('5-0', 1))
  last().hears.closed()
  await vi.advanceTimersByTimeAsync(1_000)
  last().hears.open()
  expect(last().wants.map(({ topic, after }) => [topic, after])).toEqual([
    ['dlq:*', '5-0'],
    ['dlq:entry-added', '3-0'],
  ])
  heard.length = 0
  last().hears.frame(event('4-0'))
  last().hears.frame(event('5-0'))
  last().hears.frame(event('6-0'))
  expect(heard).toEqual(['late 4-0', 'late 5-0', 'quick 6-0', 'late 6-0'])
  // Told in order to all: nobody goes on from before that, also who had nothing to hear.
  last().hears.frame({ type: 'items', at: undefined, items: [{ ...item('7-0'), event: 'dlq:emptied' }] })
  last().hears.closed()
  await vi.advanceTimersByTimeAsync(1_000)
  last().hears.open()
  expect(last().wants.map(({ after }) => after)).toEqual(['7-0', '7-0'])
  live.stop()
})

test('what could not be read is asked for on a new connection where that does not say what it was', async () => {
  const live = make()
  live.events('dlq:*', () => undefined)
  live.start()
  last().hears.open()
  last().hears.frame({ type: 'error', sub: undefined, code: 'redis-unavailable' })
  expect([opened.length, last().closed]).toEqual([1, true])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(opened).toHaveLength(2)
  live.stop()
})

test('the answer to a ping of before says nothing of the past that is still read for who came after it', async () => {
  const live = make()
  live.events('dlq:*', () => undefined)
  live.start()
  const { hears } = last()
  hears.open()
  for (const cursor of ['2000-0', '3000-0']) {
    vi.advanceTimersByTime(5_000)
    hears.frame({ type: 'pong', at: undefined, cursor })
  }
  vi.advanceTimersByTime(5_000)
  live.events('job:*', () => undefined, { after: '1000-0' })
  hears.frame({ type: 'pong', at: undefined, cursor: '4000-0' })
  hears.closed()
  await vi.advanceTimersByTimeAsync(1_000)
  last().hears.open()
  expect(last().wants.map(({ after }) => after)).toEqual(['3000-0', '1000-0'])
  live.stop()
})

test('three losses step down to server-sent events; after a minute the WebSocket takes over again', async () => {
  const live = make()
  live.state('state:queues', () => undefined)
  live.start()
  for (let loss = 0; loss < 3; loss += 1) {
    last().hears.closed()
    await vi.advanceTimersByTimeAsync(1)
  }
  expect(last().rung).toBe('sse')
  last().hears.open()
  await vi.advanceTimersByTimeAsync(60_000)
  const climber = last()
  expect(climber.rung).toBe('ws')
  climber.hears.open()
  expect(last().rung).toBe('ws')
  expect(climber.closed).toBe(true)
  expect(opened.find((wire) => wire.rung === 'sse')?.closed).toBe(true)
  last().hears.open()
  expect(last().wants.map((want) => want.topic)).toEqual(['state:queues'])
  live.stop()
})

test('a socket that falls silent is given up', async () => {
  const live = make()
  live.start()
  last().hears.open()
  last().hears.frame({ type: 'pong', at: undefined })
  await vi.advanceTimersByTimeAsync(16_000)
  expect(opened.length).toBeGreaterThan(1)
  expect(opened[0]?.closed).toBe(true)
  live.stop()
})

test('a socket that never opens is given up too, as on a line that died without a word', async () => {
  const live = make()
  live.start()
  await vi.advanceTimersByTimeAsync(11_000)
  expect(opened).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(5_000)
  expect(opened[0]?.closed).toBe(true)
  expect(opened.length).toBeGreaterThan(1)
  live.stop()
})

test('a snapshot without a subscription id belongs to its topic, as over long-poll', () => {
  const live = make()
  let rows: Rows = new Map()
  live.state('state:queues', (now) => (rows = now))
  live.start()
  last().hears.open()
  last().hears.frame(snapshot(undefined, 3, { mail: 1 }, 'node-a'))
  last().hears.frame(snapshot(undefined, 1, { mail: 2 }, 'node-b'))
  expect(rows.get('mail')).toBe(2)
  live.stop()
})

test('the last one to leave a topic ends its subscription', () => {
  const live = make()
  live.start()
  last().hears.open()
  const leave = [live.state('state:queues', () => undefined), live.state('state:queues', () => undefined)]
  leave[0]?.()
  expect(last().forgotten).toEqual([])
  leave[1]?.()
  expect(last().forgotten).toEqual([1])
  live.stop()
})

test('an event is told to the subscription it came for; a way that does not say which tells all of its pattern', () => {
  const live = make()
  const told: string[] = []
  live.events('dlq:*', ({ id }) => told.push(`all ${id}`))
  live.events('dlq:*', ({ id }) => told.push(`of one ${id}`), { filter: { queue: ['mail'] } })
  live.start()
  last().hears.open()
  expect(last().wants.map(({ id, filter }) => ({ id, filter }))).toEqual([
    { id: 1, filter: undefined },
    { id: 2, filter: { queue: ['mail'] } },
  ])
  last().hears.frame(event('5-0', 1))
  last().hears.frame(event('6-0', 2))
  last().hears.frame(event('7-0'))
  expect(told).toEqual(['all 5-0', 'of one 6-0', 'all 7-0', 'of one 7-0'])
  live.stop()
})

test('who begins to listen hears from a moment ago on, not all that happened since the page was opened', () => {
  const live = make()
  live.events('dlq:*', () => undefined)
  live.start()
  const { hears, wants } = last()
  hears.open()
  hears.frame(event('5-0', 1))
  hears.frame({ type: 'pong', at: undefined, cursor: '9000-0' })
  expect(live.position).toBe('9000-0')
  live.events('job:*', () => undefined)
  live.events('job:added', () => undefined, { after: '8000-0' })
  expect(wants.slice(1).map(({ topic, after }) => [topic, after])).toEqual([
    ['job:*', '9000-0'],
    ['job:added', '8000-0'],
  ])
  live.stop()
})

test('what was left out because this page was behind is told to those it was for, else to all', () => {
  const gaps: boolean[] = []
  const wires = { ws: fake('ws'), sse: fake('sse'), poll: fake('poll') }
  const live = new Live({ wires, onGap: (isBehind) => gaps.push(isBehind) })
  const onBehind = vi.fn()
  live.events('job:*', () => undefined, { onBehind })
  live.events('dlq:*', () => undefined)
  live.start()
  const { hears } = last()
  hears.open()
  hears.frame({ type: 'gap', sub: 1, isBehind: true })
  expect([onBehind.mock.calls.length, gaps]).toEqual([1, []])
  hears.frame({ type: 'gap', sub: 2, isBehind: true })
  hears.frame({ type: 'gap', sub: 1, isBehind: false })
  expect([onBehind.mock.calls.length, gaps]).toEqual([1, [true, false]])
  live.stop()
})

test('what is followed in a manner of its own on each way is followed anew when another way is taken, and once', () => {
  const live = make()
  const told: string[] = []
  const stop = live.byWay((way) => {
    const leave = live.events(`${way}:*`, () => undefined)
    told.push(`follow ${way}`)
    return () => {
      told.push(`leave ${way}`)
      leave()
    }
  })
  live.start()
  last().hears.open()
  for (let turn = 0; turn < 3; turn++) {
    last().hears.closed()
    vi.advanceTimersByTime(1_000)
  }
  expect(last().rung).toBe('sse')
  expect(told).toEqual(['follow ws'])
  last().hears.open()
  expect(told).toEqual(['follow ws', 'leave ws', 'follow sse'])
  expect(last().wants.map(({ topic }) => topic)).toEqual(['sse:*'])
  vi.advanceTimersByTime(60_000)
  const climber = last()
  expect(climber.rung).toBe('ws')
  climber.hears.open()
  last().hears.open()
  expect(told.slice(-2)).toEqual(['leave sse', 'follow ws'])
  expect(last().wants.map(({ topic }) => topic)).toEqual(['ws:*'])
  stop()
  expect(told.at(-1)).toBe('leave ws')
  live.stop()
})

test('that something is heard again after a silence is told with how long that was, once something is', async () => {
  const live = make()
  const told: number[] = []
  const stop = live.onSilence((silentMs) => told.push(silentMs))
  live.start()
  last().hears.open()
  last().hears.frame(snapshot(1, 1, {}))
  live.stop()
  await vi.advanceTimersByTimeAsync(90_000)
  live.start()
  last().hears.open()
  expect(told).toEqual([])
  last().hears.frame(snapshot(2, 1, {}))
  last().hears.frame(snapshot(2, 2, {}))
  expect(told).toEqual([90_000])
  stop()
  await vi.advanceTimersByTimeAsync(90_000)
  last().hears.frame(snapshot(2, 3, {}))
  expect(told).toHaveLength(1)
  live.stop()
})

test('another way goes on from where the log was a while ago, also when this page heard nothing for hours', () => {
  const live = make()
  live.events('dlq:*', () => undefined)
  live.start()
  last().hears.open()
  last().hears.frame({ type: 'hello', cursor: '1000-0', epoch: 'e', now: undefined, heartbeatMs: 20_000 })
  for (const cursor of ['2000-0', '3000-0', '4000-0']) {
    vi.advanceTimersByTime(5_000)
    last().hears.frame({ type: 'pong', at: undefined, cursor })
  }
  last().hears.closed()
  vi.advanceTimersByTime(1_000)
  last().hears.open()
  // What the server held back before the last pong may still be missing.
  expect(last().wants.map(({ after }) => after)).toEqual(['3000-0'])
  live.stop()
})

test('runs that ended long ago by the server’s clock are let go, so that who follows later is not told of them', () => {
  const live = make()
  live.state('state:spans', () => undefined)
  live.start()
  const { hears, wants } = last()
  hears.open()
  const hear = hears.frame
  // The server is an hour ahead of this device.
  const now = Date.now() + 3_600_000
  hear({ type: 'hello', cursor: '1-0', epoch: undefined, now, heartbeatMs: 1_000 })
  hear({ ...snapshot(wants[0]?.id, 0, {}), topic: 'state:spans' } as Frame)
  for (let seq = 1; seq <= 512; seq++) {
    const row = { start: now - (seq <= 300 ? 90_000 : 30_000), run: 5 }
    hear({ type: 'items', at: undefined, items: [{ kind: 'delta', sub: wants[0]?.id, topic: 'state:spans', seq, set: { [`r${seq}`]: row }, del: [] }] } as Frame) // prettier-ignore
  }
  let rows: Rows = new Map()
  live.state('state:spans', (all) => (rows = all))
  expect(rows.has('r301')).toBe(true)
  expect(rows.has('r300')).toBe(false)
  expect(rows.size).toBe(212)
  live.stop()
})
