// The connection's promises: pages keep their subscriptions through every loss, and no event is told twice.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Frame } from './frames.ts'
import { Live } from './live.ts'
import type { Rows } from './subscription.ts'
import { event, fake, last, make, opened, snapshot } from './testing.ts'

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
