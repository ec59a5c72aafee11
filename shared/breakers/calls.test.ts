// Calls as bytes: what they come to does not depend on how they are cut into batches.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BUCKETS, NO_CALLS, bucketEnd, bucketOf, callCode, isFailure, isSlow, joined, tallyOf } from './calls.ts'

const code = fc
  .tuple(fc.boolean(), fc.boolean(), fc.nat(1e9))
  .map(([failed, slow, ms]) => String.fromCharCode(callCode(failed, slow, ms)))
const calls = fc.array(code, { maxLength: 30 }).map((codes) => codes.join(''))

test('the sums of two batches are the sums of both together', () => {
  fc.assert(
    fc.property(calls, calls, (a, b) => {
      expect(joined(tallyOf(a), tallyOf(b))).toEqual(tallyOf(a + b))
    }),
  )
  expect(joined(NO_CALLS, tallyOf('\u0001'))).toEqual(tallyOf('\u0001'))
})

test('a byte keeps what is asked of it, and stays below 128', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.boolean(), fc.double({ min: 0, max: 1e12, noNaN: true }), (failed, slow, ms) => {
      const byte = callCode(failed, slow, ms)
      expect([isFailure(byte), isSlow(byte), byte < 128]).toEqual([failed, slow, true])
    }),
  )
})

test('a bucket holds durations below its end and from half of it', () => {
  for (const ms of [0, 0.5, 1, 2, 3, 4, 7.9, 8, 1_000, 1e6]) {
    const end = bucketEnd(bucketOf(ms))
    expect(ms).toBeLessThan(end)
    if (ms >= 1) expect(ms).toBeGreaterThanOrEqual(end / 2)
  }
  expect(bucketOf(1e12)).toBe(BUCKETS - 1)
})
