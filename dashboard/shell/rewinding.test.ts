// The now-line goes where it is put, to the minute, and never further back than is kept nor past now.
import { expect, test } from 'vitest'
import { REACH_MS, lostWords, momentAt, momentIn, momentSearch, shareOf, stepFor } from './rewinding.ts'

const now = Date.UTC(2026, 10, 27, 11, 4, 30)
const HOUR = 3_600_000

test('a link looks back to a time that is past, and to nothing else', () => {
  expect(momentIn('2026-11-27T10:41:59Z', now)).toBe(Date.UTC(2026, 10, 27, 10, 41, 59))
  for (const text of [undefined, '', 'yesterday', '2026-11-28T10:00:00Z']) expect(momentIn(text, now)).toBeUndefined()
})

test('a moment stands in the link by the end of its minute, so that the one kept in it is meant', () => {
  expect(momentSearch(now - HOUR, now)).toEqual({ as_of: '2026-11-27T10:04:59Z' })
  expect(momentSearch(now - 10_000, now)).toEqual({ as_of: undefined })
  expect(momentSearch(undefined, now)).toEqual({ as_of: undefined })
  // The moment that was kept a day ago may be gone already.
  expect(momentSearch(now - 9 * REACH_MS, now)).toEqual({ as_of: '2026-11-26T11:05:59Z' })
})

test('the line lies where its moment is on a strip that ends now', () => {
  expect(shareOf(undefined, now, HOUR)).toBe(1)
  expect(shareOf(now - HOUR / 4, now, HOUR)).toBe(0.75)
  expect(shareOf(now - 9 * HOUR, now, HOUR)).toBe(0)
  expect(momentAt(0.75, now, HOUR)).toBe(now - HOUR / 4)
  expect(momentAt(-3, now, HOUR)).toBe(now - HOUR)
})

test('keys move it by a minute, or by ten', () => {
  expect(stepFor('ArrowLeft', false)).toBe(-60_000)
  expect(stepFor('ArrowRight', true)).toBe(600_000)
  expect(stepFor('PageDown', false)).toBe(-600_000)
  expect(stepFor('a', false)).toBeUndefined()
})

test('of a moment that is not kept it is said since when there are any, in the zone of the reader', () => {
  const detail = 'How things stood is kept since 2026-11-27T10:02:03.000Z; ask for that time or a later one.'
  const oldest = Date.UTC(2026, 10, 27, 10, 2, 3)
  const { why, instead } = lostWords({ oldest, detail }, oldest - HOUR, now, 'Asia/Tokyo')
  expect([why, instead]).toEqual(['How things stood is kept since 19:02:03, 1 h ago.', oldest])
  // Of what another version wrote, and while nothing is kept, there is no such moment.
  for (const lost of [
    { oldest, detail: 'By another version.' },
    { oldest: undefined, detail: 'Nothing yet.' },
  ])
    expect(lostWords(lost, oldest + HOUR, now)).toEqual({ why: lost.detail, instead: undefined })
})
