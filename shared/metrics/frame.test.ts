// Buckets stand still while time goes on, and what is not known is never drawn as nothing.
import { describe, expect, test } from 'vitest'
import { bucketsOf, frameOf, knownBetween, knownBuckets, told } from './frame.ts'

const M = 60_000
const DAY = 1_440 * M
const NOW = Date.UTC(2026, 10, 26, 10, 7, 32)
const last = (minutes: number, now = NOW) => frameOf({ from: now - minutes * M, to: now }, now)

describe('a frame', () => {
  test('never has more than 400 buckets, whatever is asked', () => {
    for (const minutes of [15, 60, 360, 361, 1_440, 1_441, 10_080, 10_081, 43_200, 43_201, 129_600, 1_000_000])
      expect(last(minutes).x.length).toBeLessThanOrEqual(400)
    for (const [minutes, step] of [
      [15, 1 / 12],
      [16, 1 / 4],
      [60, 1 / 4],
      [61, 1],
      [360, 1],
      [362, 5],
      [1_446, 30],
      [7 * 1_440 + 31, 120],
      [30 * 1_440 + 121, 360],
    ] as const)
      // prettier-ignore
      expect(last(minutes).stepMs).toBe(step * M)
  })

  test.each([15, 60, 360, 1_440, 10_080, 43_200])('of %i minutes is one of them a second later too', (minutes) => {
    const late = frameOf({ from: NOW - minutes * M, to: NOW + 1_000 }, NOW + 1_000)
    expect(late.stepMs).toBe(last(minutes).stepMs)
  })

  test('keeps its buckets where they are a few seconds later', () => {
    const [one, other] = [last(1_440), last(1_440, NOW + 20_000)]
    expect(other.x).toEqual(one.x)
    expect(one.x.every((at) => at % (5 * M) === 0)).toBe(true)
  })

  test('ends with the running minute, and says that it still fills', () => {
    const { x, slots, isPartial } = last(90)
    expect(x.at(-1)).toBe(Math.floor(NOW / M) * M)
    expect(slots.at(-1)).toBe(Math.floor(NOW / M))
    expect(isPartial).toBe(true)
    expect(frameOf({ from: NOW - 60 * M, to: NOW - 30 * M }, NOW).isPartial).toBe(false)
  })

  test.each([15, 60, 1_440, 10_080, 43_200, 129_600])('of %i minutes has no slot that has not begun', (minutes) => {
    const { slots, slotMs, x } = last(minutes)
    expect(slots.at(-1)).toBe(Math.floor(NOW / slotMs))
    expect((slots[0] ?? 0) * slotMs).toBe(x[0])
  })

  test('of long ago tells what is within ninety days, and that it was cut', () => {
    const old = frameOf({ from: NOW - 91 * DAY, to: NOW - 89 * DAY }, NOW)
    expect(old).toMatchObject({ isCut: true, stepMs: 30 * M })
    expect(old.x.length).toBe(49)
    expect(frameOf({ from: NOW - 100 * DAY, to: NOW - 95 * DAY }, NOW)).toMatchObject({ x: [], slots: [] })
  })

  test('of some days ago is read from what is still kept of them', () => {
    const hour = (ago: number) => frameOf({ from: NOW - ago, to: NOW - ago + 60 * M }, NOW)
    expect(hour(100 * M)).toMatchObject({ stepMs: M / 4, slotMs: M / 12 })
    expect(hour(2 * DAY)).toMatchObject({ stepMs: M, slotMs: M })
    expect(hour(4 * DAY)).toMatchObject({ stepMs: 30 * M, slotMs: 30 * M })
  })
})

describe('what is known', () => {
  test('is all between the first and the last look: what was missed is read later', () => {
    expect(knownBetween([false, true, false, false, true, false, false], M)).toEqual([
      false,
      true,
      true,
      true,
      true,
      false,
      false,
    ])
    expect(knownBetween([false, false], M)).toEqual([false, false])
  })

  test('is the running minute too, when the one before it was looked at', () => {
    expect(knownBetween([true, true, false], M)).toEqual([true, true, true])
    expect(knownBetween([true, false, false, false], 5_000)).toEqual([true, true, true, true])
    expect(knownBetween([true, false, false, false, false], 5_000).at(-1)).toBe(false)
  })
})

test('a bucket is null where nothing is known, 0 where nothing happened', () => {
  expect(told([false, false, true, true], [0, 7, 0, 2])).toEqual([null, 7, 0, 2])
})

test.each([
  [1_440, 5],
  [30 * 1_440, 4],
])('every slot is in one bucket, and a bucket is known by one of its slots', (minutes, each) => {
  const frame = last(minutes)
  const buckets = bucketsOf(frame)
  expect(buckets.flat().map(({ no }) => no)).toEqual(frame.slots)
  expect(buckets.slice(1, -1).every((slots) => slots.length === each)).toBe(true)
  const known = knownBuckets(frame, frame.slots.map((_, index) => index === 7)) // prettier-ignore
  expect(known.flatMap((is, bucket) => (is ? [bucket] : []))).toEqual([Math.floor(7 / each)])
})
