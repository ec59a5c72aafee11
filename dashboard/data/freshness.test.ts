// With Redis gone the connection to the API stays open: the page must not call old data live.
import { expect, test } from 'vitest'
import { freshStatus, SILENT_MS, staleSince, warning } from './freshness.ts'

const NOW = Date.UTC(2026, 10, 22, 10, 41, 7)
const at = (ago: number): string => new Date(NOW - ago).toISOString()
const live = { words: 'Live, 12 ms', tone: 'live' } as const
const lost = { words: 'Reconnecting, data as of 10:41:00', tone: 'lost' } as const

test('an overview that is young, or has not come yet, is no reason to worry', () => {
  expect(staleSince(at(SILENT_MS - 1), NOW)).toBeUndefined()
  expect(staleSince(undefined, NOW)).toBeUndefined()
  expect(freshStatus(live, undefined)).toBe(live)
  expect(warning(live, undefined)).toBeUndefined()
})

test('an open connection that brings nothing new says since when, and why that may be', () => {
  const since = staleSince(at(20_000), NOW)
  expect(freshStatus(live, since, 'UTC')).toEqual({ words: 'Stale, data as of 10:40:47', tone: 'lost' })
  expect(warning(live, since, 'UTC')).toMatch(/cannot reach Redis.*as of 10:40:47/)
})

test('a lost connection keeps its own word', () => {
  const since = staleSince(at(20_000), NOW)
  expect(freshStatus(lost, since)).toBe(lost)
  expect(warning(lost, since, 'UTC')).toMatch(/^The connection to k1n is lost\. What you see is as of 10:40:47/)
})
