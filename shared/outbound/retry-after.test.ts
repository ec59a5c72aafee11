import { expect, test } from 'vitest'
import { retryAfterMs } from './retry-after.ts'

const NOW = Date.UTC(2026, 10, 22, 10, 0, 0)
const HOUR = 3_600_000
const read = (value: unknown): number | undefined => retryAfterMs({ 'retry-after': value }, NOW)

test.each([
  ['120', 120_000],
  [' 120 ', 120_000],
  ['0', 1000],
  ['1', 1000],
  ['1000000000', 24 * HOUR],
  ['9'.repeat(400), 24 * HOUR],
  ['Sun, 22 Nov 2026 11:00:00 GMT', HOUR],
  ['Sunday, 22-Nov-26 11:00:00 GMT', HOUR],
  ['Sun Nov 22 11:00:00 2026', HOUR],
  ['Sun, 22 Nov 2026 09:00:00 GMT', 1000],
  ['Thu, 22 Nov 2096 11:00:00 GMT', 24 * HOUR],
])('%j means %i ms', (value, ms) => {
  expect(read(value)).toBe(ms)
})

test.each([
  '',
  '-1',
  '1e9',
  '1.5',
  '+5',
  '0x10',
  'soon',
  'tomorrow 1',
  '2026-11-22',
  'Sun, 99 Nov 2026 11:00:00 GMT',
  '٣',
  null,
])('%j is ignored', (value) => {
  expect(read(value)).toBeUndefined()
})

test('no header means nothing', () => {
  expect(retryAfterMs({}, NOW)).toBeUndefined()
})
