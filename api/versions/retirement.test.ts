// How a version ends: announced, rehearsed, gone.
import { describe, expect, test } from 'vitest'
import { announcement, preferredFormat, stageOf } from './retirement.ts'
import type { Retirement } from './retirement.ts'

const [deprecatedAt, sunsetAt] = [Date.UTC(2026, 0, 1), Date.UTC(2027, 5, 30, 23, 59, 59)]
const rehearsal = { from: Date.UTC(2027, 4, 4, 10), to: Date.UTC(2027, 4, 4, 11) }
const retirement: Retirement = { deprecatedAt, sunsetAt, mode: 'brownout', brownouts: [rehearsal], percent: 25 }
const at = { publicUrl: 'https://k1n.example', successor: '/api/v2/jobs/t_1' }

describe('a version that goes away', () => {
  test.each<[string, Partial<Retirement>, number, number, string]>([
    ['is served to the last moment', {}, sunsetAt, 0, 'served'],
    ['is gone after it', {}, sunsetAt + 1, 0.99, 'gone'],
    ['is gone at once when it is turned off', { mode: 'off' }, deprecatedAt, 0.99, 'gone'],
    ['is refused to its share in a rehearsal', {}, rehearsal.from, 0.249, 'browned_out'],
    ['and served to the others', {}, rehearsal.from, 0.25, 'served'],
    ['is served when a rehearsal is over', {}, rehearsal.to, 0, 'served'],
    ['keeps to rehearsals only when told so', { mode: 'on' }, rehearsal.from, 0, 'served'],
  ])('%s', (_name, over, now, chance, state) => {
    expect(stageOf({ ...retirement, ...over }, now, chance).state).toBe(state)
  })

  test('says since when as a date of structured fields, and until when as an HTTP date', () => {
    const headers = announcement(retirement, 'rfc9745', at)
    expect(headers).toMatchObject({
      Deprecation: '@1767225600',
      Sunset: 'Wed, 30 Jun 2027 23:59:59 GMT',
      'X-API-Deprecated': 'true',
    })
    expect(headers['Link']?.split(', ')).toEqual([
      '<https://k1n.example/docs/migrate-v1-v2>; rel="deprecation"; type="text/html"',
      '<https://k1n.example/docs/sunset-policy>; rel="sunset"; type="text/html"',
      '</api/v2/jobs/t_1>; rel="successor-version"',
    ])
    expect(announcement(retirement, 'boolean', at)).toMatchObject({ Deprecation: 'true', 'X-API-Deprecated': 'true' })
  })
})

test.each<[string | undefined, string | undefined]>([
  [undefined, undefined],
  ['respond-async', undefined],
  ['deprecation=boolean', 'boolean'],
  ['respond-async, wait=2, Deprecation="boolean"; x=1', 'boolean'],
  ['deprecation=rfc9745', 'rfc9745'],
  ['deprecation=booleans', undefined],
  ['x-deprecation=boolean', undefined],
])('Prefer: %s asks for %s', (prefer, format) => {
  expect(preferredFormat(prefer)).toBe(format)
})
