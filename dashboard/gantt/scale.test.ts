// Time on a line: projection, zoom with its limits, and ticks that are round in the reader's zone.
import { expect, test } from 'vitest'
import { DAY, fit, LONGEST_MS, pan, project, reveal, SHORTEST_MS, ticks, tickStep, unproject, zoomAt } from './scale.ts'
import { T0 } from './testing.ts'
import { offsetAt, timeOf } from './times.ts'

const hour = { from: T0, to: T0 + 3_600_000 }

test('a time goes to its pixel and back', () => {
  expect(project(hour, 1200, T0 + 900_000)).toBe(300)
  expect(unproject(hour, 1200, 300)).toBe(T0 + 900_000)
})

test('a zoom holds still where it points', () => {
  const at = T0 + 600_000
  const closer = zoomAt(hour, 0.5, at)
  expect(closer.to - closer.from).toBe(1_800_000)
  expect(project(closer, 1200, at)).toBeCloseTo(project(hour, 1200, at))
})

test('the window is never shorter than 200 ms nor longer than 30 days', () => {
  const near = zoomAt(hour, 1e-9, T0)
  const far = zoomAt(hour, 1e9, T0)
  expect(near.to - near.from).toBe(SHORTEST_MS)
  expect(far.to - far.from).toBe(LONGEST_MS)
  expect(fit(T0, T0).to - fit(T0, T0).from).toBe(SHORTEST_MS)
})

test('panning keeps the length', () => {
  expect(pan(hour, -1000)).toEqual({ from: T0 - 1000, to: T0 + 3_599_000 })
})

test('what is in view stays where it is; what is not comes to the middle', () => {
  expect(reveal(hour, T0 + 1000, T0 + 100_000)).toBe(hour)
  const moved = reveal(hour, T0 - 600_000, T0 - 599_000)
  expect(moved.to - moved.from).toBe(3_600_000)
  expect((moved.from + moved.to) / 2).toBe(T0 - 599_500)
})

test('ticks are as near as they may be', () => {
  expect(tickStep(3000)).toBe(300_000)
  expect(tickStep(0.2)).toBe(20)
  expect(tickStep(3_000_000)).toBe(5 * DAY)
})

test('ticks stand on round local times, on a zone with half hours too', () => {
  const times = ticks(hour, 1_800_000, 'Asia/Kolkata').map((time) => timeOf(time, 'Asia/Kolkata', 'minute'))
  expect(times).toEqual(['15:30', '16:00', '16:30'])
})

test('days begin at midnight on both sides of a change of the clock', () => {
  const from = Date.UTC(2026, 9, 23)
  const days = ticks({ from, to: from + 4 * DAY }, DAY, 'Europe/Berlin')
  expect(days.map((time) => timeOf(time, 'Europe/Berlin', 'minute'))).toEqual(['00:00', '00:00', '00:00', '00:00'])
  expect((days[2] ?? 0) - (days[1] ?? 0)).toBe(25 * 3_600_000)
})

test("a time is written as precisely as asked, as the zone's own clock shows it", () => {
  const time = Date.UTC(2026, 10, 1, 23, 5, 8, 512)
  const written = (zone: string): string[] =>
    (['minute', 'second', 'tenth', 'milli', 'day'] as const).map((precision) => timeOf(time, zone, precision))
  expect(written('UTC')).toEqual(['23:05', '23:05:08', '23:05:08.5', '23:05:08.512', '1 Nov'])
  expect(written('Asia/Kathmandu')).toEqual(['04:50', '04:50:08', '04:50:08.5', '04:50:08.512', '2 Nov'])
  expect(timeOf(time + 0.7, 'UTC', 'milli')).toBe('23:05:08.512')
  expect(timeOf(0, 'America/New_York')).toBe('19:00:00')
  expect(timeOf(-1, 'UTC', 'milli')).toBe('23:59:59.999')
})

test('the offset of a zone is that of the time asked about', () => {
  expect(offsetAt(Date.UTC(2026, 6, 1), 'Europe/Berlin')).toBe(7_200_000)
  expect(offsetAt(Date.UTC(2026, 11, 1), 'Europe/Berlin')).toBe(3_600_000)
})
