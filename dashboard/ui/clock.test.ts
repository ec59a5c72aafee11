// Ages are the server's from the first answer on, whatever this device takes for the time.
import { beforeEach, expect, test, vi } from 'vitest'
import type { clock as Clock } from './clock.ts'

const DEVICE = Date.parse('2026-03-01T12:00:00.400Z')
let clock: typeof Clock

beforeEach(async () => {
  vi.useFakeTimers({ now: DEVICE })
  vi.resetModules()
  ;({ clock } = await import('./clock.ts'))
  return () => vi.useRealTimers()
})

const header = (ms: number): string => new Date(ms).toUTCString()

test.each([
  ['behind', 90_000],
  ['ahead', -10_800_000],
])('a device that is %s shows the server’s time once it has one answer, not a tick later', (_, aheadMs) => {
  clock.answered(header(DEVICE + aheadMs), DEVICE)
  expect(Math.abs(clock.now - DEVICE - aheadMs)).toBeLessThanOrEqual(500)
  expect(clock.exact()).toBe(clock.now)
})

test('a device whose clock is right keeps it to the millisecond', () => {
  clock.answered(header(DEVICE), DEVICE - 80)
  expect(clock.exact()).toBe(DEVICE)
  clock.answered(null, DEVICE)
  clock.answered('soon', DEVICE)
  expect(clock.exact()).toBe(DEVICE)
})

test('an answer that was long on its way does not undo what a quick one told', () => {
  clock.answered(header(DEVICE + 5_000), DEVICE)
  const known = clock.exact() - DEVICE
  vi.setSystemTime(DEVICE + 20_000)
  clock.answered(header(DEVICE + 10_000), DEVICE)
  expect(clock.exact() - DEVICE - 20_000).toBe(known)
})

test('what the stream measured is shown at once where it differs, and no header takes its place', () => {
  expect(clock.now).toBe(DEVICE)
  clock.correct(90_020)
  expect(clock.now).toBe(DEVICE + 90_020)
  clock.answered(header(DEVICE), DEVICE)
  expect(clock.exact()).toBe(DEVICE + 90_020)
})
