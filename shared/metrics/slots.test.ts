// A span of time must be counted whole and once, whichever stretches it is read in.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FINE_MS, HALF_HOUR_MS, MINUTE_MS, QUARTER_MS, slotsOf } from './slots.ts'

const NOW = Date.UTC(2026, 10, 26, 10, 7, 30)
const DAY_MS = 4 * QUARTER_MS

test.each([FINE_MS, MINUTE_MS])(
  'any span of stretches of %i ms is read whole, each once and none that is outside',
  (unit) => {
    const now = Math.floor(NOW / unit)
    fc.assert(
      fc.property(fc.nat(90 * 1_440), fc.nat(90 * 1_440), (one, other) => {
        const [from, to] = [(now - Math.max(one, other)) * unit, (now - Math.min(one, other)) * unit]
        let at = from
        for (const { no, widthMs } of slotsOf(from, to, NOW)) {
          expect(widthMs).toBeGreaterThanOrEqual(unit)
          expect(no * widthMs).toBe(at)
          at += widthMs
        }
        expect(at).toBe(to)
      }),
    )
  },
)

test('a day is read as some eighty stretches, not as 1,440', () => {
  fc.assert(
    fc.property(fc.nat(1_440), (back) => {
      const to = (Math.floor(NOW / MINUTE_MS) - back) * MINUTE_MS
      expect(slotsOf(to - DAY_MS, to, NOW).length).toBeLessThanOrEqual(2 * 29 + 2 * 11 + 4)
    }),
  )
})

test('a span until now ends with the stretch that still fills', () => {
  const minute = Math.floor(NOW / MINUTE_MS) * MINUTE_MS
  expect(slotsOf(minute - QUARTER_MS, NOW + 1, NOW).at(-1)).toEqual({ no: Math.floor(NOW / QUARTER_MS), widthMs: QUARTER_MS }) // prettier-ignore
  expect(slotsOf(minute - HALF_HOUR_MS, minute, NOW).every(({ widthMs }) => widthMs === MINUTE_MS)).toBe(true)
  expect(slotsOf(minute + MINUTE_MS, NOW + DAY_MS, NOW)).toEqual([])
})
