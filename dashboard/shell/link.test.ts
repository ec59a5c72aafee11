// A link that is copied shows what is seen: live, or as it was.
import { expect, test } from 'vitest'
import { frozenLink, liveLink } from './link.ts'

const now = Date.parse('2026-11-27T10:00:00Z')

test('a live link says its span, also the usual one, and keeps filters and zone', () => {
  const href = 'http://k1n.test/jobs?q=state:failed&tz=UTC&from=2026-01-01T00:00:00Z'
  expect(liveLink(href, { value: '1h' })).toBe('http://k1n.test/jobs?q=state:failed&tz=UTC&t=1h')
})

test('a frozen link says from and to, and one that is frozen stays as it is', () => {
  const frozen = 'http://k1n.test/audit?from=2026-11-27T09:00:00.000Z&to=2026-11-27T10:00:00.000Z'
  expect(frozenLink('http://k1n.test/audit?t=1h', { ms: 3_600_000 }, now)).toBe(frozen)
  expect(frozenLink(frozen, { ms: 900_000 }, now + 5_000)).toBe(frozen)
})
