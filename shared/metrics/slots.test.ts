// A span of time must be counted whole and once, whichever stretches it is read in.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HALF_HOUR_MS, MINUTE_MS, QUARTER_MS, slotsOf } from './slots.ts'

const NOW = Date.UTC(2026, 10, 26, 10, 7, 30)
const DAY_MS = 4 * QUARTER_MS

test('any span of minutes is read whole, each minute once and none that is outside', () => {
  fc.assert(
    fc.property(fc.nat(90 * 1_440), fc.nat(90 * 1_440), (one, other) => {
      const [first, last] = [Math.max(one, other), Math.min(one, other)]
      const [from, to] = [Math.floor(NOW / MINUTE_MS) - first, Math.floor(NOW / MINUTE_MS) - last]
      const slots = slotsOf(from * MINUTE_MS, to * MINUTE_MS, NOW)
      let at = from * MINUTE_MS
      for (const { no, widthMs } of slots) {
        expect(no * widthMs).toBe(at)
        at += widthMs
      }
      expect(at).toBe(to * MINUTE_MS)
    }),
  )
})

test('a day is read as some eighty stretches, not as 1,440', () => {
  fc.assert(
    fc.property(fc.nat(1_440), (back) => {
      const to = NOW - back * MINUTE_MS
      expect(slotsOf(to - DAY_MS, to, NOW).length).toBeLessThanOrEqual(2 * 29 + 2 * 11 + 4)
    }),
  )
})

test('a span until now ends with the stretch that still fills', () => {
  expect(slotsOf(NOW - QUARTER_MS, NOW + 1, NOW).at(-1)).toEqual({ no: Math.floor(NOW / QUARTER_MS), widthMs: QUARTER_MS }) // prettier-ignore
  expect(slotsOf(NOW - HALF_HOUR_MS, NOW - MINUTE_MS, NOW).every(({ widthMs }) => widthMs === MINUTE_MS)).toBe(true)
  expect(slotsOf(NOW + MINUTE_MS, NOW + DAY_MS, NOW)).toEqual([])
})
