// From where each topic goes on after a loss: nothing is left out, and nothing that was told long ago is told again.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { EventItem } from './frames.ts'
import { event, item, last, make, opened, reopen, snapshot, tellPositions } from './testing.ts'

beforeEach(() => {
  vi.useFakeTimers()
  opened.length = 0
})
afterEach(() => vi.useRealTimers())

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
  const { wants } = await reopen()
  expect(wants.map(({ topic, after }) => [topic, after])).toEqual([
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
  expect((await reopen()).wants.map(({ after }) => after)).toEqual(['7-0', '7-0'])
  live.stop()
})

test('what could not be read is asked for on a new connection where that does not say what it was', async () => {
  const live = make()
  live.events('dlq:*', () => undefined)
  live.start()
  last().hears.open()
  last().hears.frame({ type: 'error', sub: undefined, code: 'redis-unavailable' })
  expect([opened.length, last().closed]).toEqual([1, false])
  // After a while, or a Redis that is away for seconds would have every way given up.
  await vi.advanceTimersByTimeAsync(6_000)
  expect(opened.map(({ closed }) => closed)).toEqual([true, false])
  live.stop()
})

test('the answer to a ping of before says nothing of the past that is still read for who came after it', async () => {
  const live = make()
  live.events('dlq:*', () => undefined)
  live.start()
  const { hears } = last()
  hears.open()
  tellPositions('2000-0', '3000-0')
  vi.advanceTimersByTime(5_000)
  live.events('job:*', () => undefined, { after: '1000-0' })
  hears.frame({ type: 'pong', at: undefined, cursor: '4000-0' })
  expect((await reopen()).wants.map(({ after }) => after)).toEqual(['3000-0', '1000-0'])
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

test('another way goes on from where the log was a while ago, also when this page heard nothing for hours', async () => {
  const live = make()
  live.events('dlq:*', () => undefined)
  live.start()
  last().hears.open()
  last().hears.frame({ type: 'hello', cursor: '1000-0', epoch: 'e', now: undefined, heartbeatMs: 20_000 })
  tellPositions('2000-0', '3000-0', '4000-0')
  // What the server held back before the last pong may still be missing.
  expect((await reopen()).wants.map(({ after }) => after)).toEqual(['3000-0'])
  live.stop()
})
