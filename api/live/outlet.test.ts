// A slow reader is never told what is long past: states are merged while it is behind, and of facts it hears that some are missing.
import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createBatches } from './batches.ts'
import { LATE_MS, LOST_MS } from './flow.ts'
import { createOutlet } from './outlet.ts'

type Frame = Record<string, unknown>

const make = () => {
  const frames: Frame[] = []
  const wire = Object.assign(new EventEmitter(), {
    write: (frame: Buffer) => {
      const text = frame.toString()
      frames.push(JSON.parse(text.slice(text.indexOf('{'))) as Frame)
      return true
    },
  })
  const socket = {
    ...{ readyState: 1 as 1 | 3, OPEN: 1 as const, bufferedAmount: 0, close: () => undefined },
    send: (text: string) => void frames.push(JSON.parse(text) as Frame),
  }
  const lost = vi.fn()
  const outlet = createOutlet({
    ...{ socket, wire: wire as never, batches: createBatches(), pace: () => 10, cursor: () => '9-0' },
    lost,
  })
  return { outlet, frames, socket, wire, lost }
}
const fact = (n: number, chars = 0): string => JSON.stringify({ n, pad: 'x'.repeat(chars) })
const toldIn = (frames: Frame[]): unknown[] =>
  frames.flatMap(({ items = [] }) => (items as { n: number }[]).map(({ n }) => n))
/** Sends a frame that is not acknowledged until one is late. */
const fallBehind = (outlet: ReturnType<typeof make>['outlet']): void => {
  outlet.acknowledged(0)
  outlet.send('{"type":"hello"}')
  vi.advanceTimersByTime(LATE_MS + 1)
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('facts wait for a moment while the other side is behind, and come in order when it has caught up', () => {
  const { outlet, frames } = make()
  fallBehind(outlet)
  outlet.facts(1, fact(1))
  outlet.facts(1, fact(2))
  vi.advanceTimersByTime(500)
  expect([frames, outlet.isWaiting]).toEqual([[{ type: 'hello' }], true])
  outlet.acknowledged(1)
  outlet.facts(1, fact(3))
  vi.advanceTimersByTime(10)
  expect([toldIn(frames), outlet.isWaiting]).toEqual([[1, 2, 3], false])
  expect(frames.some(({ type }) => type === 'gap')).toBe(false)
})

test.each([
  ['too old', 1, 1_001],
  ['too much', 200, 0],
])('facts that waited until they were %s are left out, which is told once before those that come', (_why, many, ms) => {
  const { outlet, frames } = make()
  fallBehind(outlet)
  for (let n = 0; n < many; n++) outlet.facts(1, fact(n, 200))
  outlet.facts(2, fact(-1))
  expect(outlet.hasLeftOut(1)).toBe(many > 1)
  vi.advanceTimersByTime(ms)
  outlet.acknowledged(1)
  outlet.facts(1, fact(900))
  vi.advanceTimersByTime(10)
  const gaps = frames.filter(({ type }) => type === 'gap')
  expect(gaps[0]).toEqual({ type: 'gap', sub: 1, id: 1, oldest: '9-0', reason: 'behind' })
  // What is little is not lost for the much of another.
  expect(gaps).toHaveLength(many > 1 ? 1 : 2)
  expect(toldIn(frames)).toEqual(many > 1 ? [-1, 900] : [900])
})

test('who says nothing of what it has dealt with is told every fact', () => {
  const { outlet, frames } = make()
  outlet.send('{"type":"hello"}')
  vi.advanceTimersByTime(60_000)
  outlet.facts(1, fact(1))
  vi.advanceTimersByTime(10)
  expect(outlet.slow).toBe(false)
  expect(toldIn(frames)).toEqual([1])
})

test('whoever waits is woken once the other side has caught up, or the buffer has run dry', () => {
  const { outlet, socket, wire } = make()
  const woken = vi.fn()
  fallBehind(outlet)
  expect(outlet.slow).toBe(true)
  outlet.onReady(woken)
  outlet.onReady(() => void woken())()
  outlet.acknowledged(0)
  expect(woken).not.toHaveBeenCalled()
  outlet.acknowledged(1)
  outlet.acknowledged(1)
  expect(woken).toHaveBeenCalledTimes(1)
  socket.bufferedAmount = 100_000
  outlet.onReady(woken)
  wire.emit('drain')
  expect(woken).toHaveBeenCalledTimes(1)
  socket.bufferedAmount = 0
  wire.emit('drain')
  expect(woken).toHaveBeenCalledTimes(2)
})

test('nothing of a subscription that ended waits on', () => {
  const { outlet, frames } = make()
  fallBehind(outlet)
  outlet.facts(1, fact(1))
  outlet.forget(1)
  outlet.acknowledged(1)
  vi.advanceTimersByTime(10)
  expect(frames).toEqual([{ type: 'hello' }])
})

test('a socket that takes no more is given up when the next batch would leave, and told nothing', () => {
  const { outlet, frames, socket, lost } = make()
  socket.bufferedAmount = 2_000_000
  outlet.facts(1, fact(1))
  vi.advanceTimersByTime(10)
  expect(frames).toEqual([])
  expect(lost).toHaveBeenCalledTimes(1)
})

test('who is behind and says nothing for minutes is given up with the next fact', () => {
  const { outlet, frames, lost } = make()
  fallBehind(outlet)
  vi.advanceTimersByTime(LOST_MS)
  expect(lost).not.toHaveBeenCalled()
  outlet.facts(1, fact(1))
  expect(lost).toHaveBeenCalledTimes(1)
  expect(frames).toEqual([{ type: 'hello' }])
})

test('facts for a socket that has closed go nowhere', () => {
  const { outlet, frames, socket, lost } = make()
  socket.readyState = 3
  outlet.facts(1, fact(1))
  vi.advanceTimersByTime(10)
  expect([frames, lost.mock.calls]).toEqual([[], []])
})
