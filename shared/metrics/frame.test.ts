// Buckets stand still while time goes on, and what is not known is never drawn as nothing.
import { describe, expect, test } from 'vitest'
import { bucketsOf, frameOf, knownBetween, knownBuckets, told } from './frame.ts'

const M = 60_000
const NOW = Date.UTC(2026, 10, 26, 10, 7, 30)
const last = (minutes: number, now = NOW) => frameOf({ from: now - minutes * M, to: now }, now)

describe('a frame', () => {
  test('never has more than 400 buckets, whatever is asked', () => {
    for (const minutes of [15, 60, 360, 361, 1_440, 100_000]) expect(last(minutes).x.length).toBeLessThanOrEqual(400)
    expect(last(360).stepMs).toBe(M)
    expect(last(361).stepMs).toBe(5 * M)
  })

  test('keeps its buckets where they are a few seconds later', () => {
    const [one, other] = [last(1_440), last(1_440, NOW + 20_000)]
    expect(other.x).toEqual(one.x)
    expect(one.x.every((at) => at % (5 * M) === 0)).toBe(true)
  })

  test('ends with the running minute, and says that it still fills', () => {
    const { x, minutes, isPartial } = last(15)
    expect(x.at(-1)).toBe(Math.floor(NOW / M) * M)
    expect(minutes.at(-1)).toBe(Math.floor(NOW / M))
    expect(isPartial).toBe(true)
    expect(frameOf({ from: NOW - 60 * M, to: NOW - 30 * M }, NOW).isPartial).toBe(false)
  })

  test('has no minute that has not begun', () => {
    const { minutes, x } = last(1_440)
    expect(minutes.at(-1)).toBe(Math.floor(NOW / M))
    expect(minutes[0]).toBe((x[0] ?? 0) / M)
  })

  test('of long ago tells what is within a day, and that it was cut', () => {
    const old = frameOf({ from: NOW - 3_000 * M, to: NOW - 1_380 * M }, NOW)
    expect(old).toMatchObject({ isCut: true, stepMs: M })
    expect(old.x.length).toBe(61)
    expect(frameOf({ from: NOW - 9_000 * M, to: NOW - 8_000 * M }, NOW)).toMatchObject({ x: [], minutes: [] })
  })
})

describe('what is known', () => {
  test('is all between the first and the last look: what was missed is read later', () => {
    expect(knownBetween([false, true, false, false, true, false, false])).toEqual([
      false,
      true,
      true,
      true,
      true,
      false,
      false,
    ])
    expect(knownBetween([false, false])).toEqual([false, false])
  })

  test('is the running minute too, when the one before it was looked at', () => {
    expect(knownBetween([true, true, false])).toEqual([true, true, true])
  })
})

test('a bucket is null where nothing is known, 0 where nothing happened', () => {
  expect(told([false, false, true, true], [0, 7, 0, 2])).toEqual([null, 7, 0, 2])
})

test('every minute is in one bucket, and a bucket is known by one of its minutes', () => {
  const frame = last(1_440)
  const buckets = bucketsOf(frame)
  expect(buckets.flat()).toEqual(frame.minutes)
  expect(buckets.slice(0, -1).every((minutes) => minutes.length === 5)).toBe(true)
  const known = knownBuckets(frame, frame.minutes.map((_, index) => index === 7)) // prettier-ignore
  expect(known.flatMap((is, bucket) => (is ? [bucket] : []))).toEqual([1])
})
