// Batches: gathered until their moment, and the same bytes for those who gathered the same.
import { vi } from 'vitest'
import { expect, test } from '../../test/support/fixtures.ts'
import { createBatches, createFrames } from './batches.ts'

test('those who gathered the same share a frame, whoever gathered otherwise has one of its own', () => {
  const makeFrame = createFrames(7)
  const shared = makeFrame(['{"n":1}', '{"n":2}'])
  expect(JSON.parse(shared.toString())).toEqual({ type: 'batch', ts: 7, items: [{ n: 1 }, { n: 2 }] })
  const more = makeFrame(['{"n":1}', '{"n":2}', '"é"'])
  expect(makeFrame(['{"n":1}'])).not.toBe(shared)
  expect(JSON.parse(more.toString())).toMatchObject({ items: [{ n: 1 }, { n: 2 }, 'é'] })
  const again = makeFrame(['{"n":3}'])
  expect(makeFrame(['{"n":3}'])).toBe(again)
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
