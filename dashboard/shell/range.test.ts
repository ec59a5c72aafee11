// Without a link a page must show something to read: not an hour of nothing with a minute of work at its edge.
import { expect, test } from 'vitest'
import { ageOf, frozenOf, rangeOf, rangeSince, ranges, usualRange } from './range.ts'

const NOW = Date.UTC(2026, 10, 22, 11)
const minute = (ago: number, ok = 1) => ({ at: NOW - ago * 60_000, ok, failed: 0 })

test('the age of what there is counts from the first minute in which a job finished', () => {
  expect(ageOf([minute(80, 0), minute(12), minute(3)], NOW)).toBe(720_000)
  expect(ageOf([minute(80, 0)], NOW)).toBeUndefined()
})

test('a k1n that began minutes ago, and a phone, look at a quarter of an hour', () => {
  expect(usualRange(720_000, false).value).toBe('15m')
  expect(usualRange(undefined, false).value).toBe('15m')
  expect(usualRange(3_000_000, true).value).toBe('15m')
  expect(usualRange(3_000_000, false).value).toBe('1h')
})

test('what the link names wins', () => {
  expect(rangeOf('6h', usualRange(undefined, true)).value).toBe('6h')
  expect(rangeOf('moon').value).toBe('1h')
})

test('a link is frozen by two moments in their order, and by nothing less', () => {
  const of = (search: Record<string, string>) => frozenOf((name) => search[name])
  const [from, to] = ['2026-11-22T10:00:00Z', '2026-11-22T10:15:00Z']
  expect(of({ from, to })).toEqual({ from: NOW - 3_600_000, to: NOW - 2_700_000 })
  for (const search of [{}, { from }, { to }, { from: to, to: from }, { from, to: from }, { from: 'soon', to }])
    expect(of(search as Record<string, string>)).toBeUndefined()
})

test('the strip reaches back as far as it must, and no less far than was chosen', () => {
  const since = (minutes: number) => rangeSince(NOW - minutes * 60_000, NOW, ranges[0]).value
  expect([since(5), since(40), since(400), since(100_000)]).toEqual(['15m', '1h', '24h', '24h'])
  expect(rangeSince(NOW - 60_000, NOW, ranges[2]).value).toBe('6h')
})
