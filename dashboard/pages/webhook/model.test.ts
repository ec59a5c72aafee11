// One endpoint: which secrets sign, what a list of deliveries asks for, and what is said before many are sent again.
import { describe, expect, test } from 'vitest'
import { emptyWords, gapWords, pageQuery, queryOf, secretWords, viewOf } from './model.ts'
import { forgottenWords, goWords, matchedWords, replayReason, sinceOf } from './replay.ts'

const NOW = Date.UTC(2026, 10, 22, 10, 30)

test('a secret says until when it signs', () => {
  const secret = (minutes: number | null) => ({
    hint: 'f9a1',
    created_at: '',
    expires_at: minutes === null ? null : new Date(NOW + minutes * 60_000).toISOString(),
  })
  expect(secretWords(secret(null), NOW)).toBe('…f9a1 signs what is sent.')
  expect(secretWords(secret(90), NOW, 'UTC')).toBe('…f9a1 signs beside it until 12:00:00, in 1 h.')
  expect(secretWords(secret(-1), NOW)).toBe('…f9a1 signs no more.')
})

test('what the log lost is told with from when to when, and what can be sent', () => {
  const gap = { from: new Date(NOW).toISOString(), to: new Date(NOW + 60_000).toISOString() }
  expect(gapWords(gap, 'UTC')).toMatch(/10:30:00.* to .*10:31:00 were removed .* Send what was never sent since/)
})

describe('a list of deliveries', () => {
  test('asks for what the link says', () => {
    expect(queryOf({ view: 'all', type: '', since: '' }, NOW)).toEqual({})
    expect(queryOf({ view: 'failed', type: 'job.failed', since: '1h' }, NOW)).toEqual({
      status: ['failed', 'dead'],
      event_type: ['job.failed'],
      from: '2026-11-22T09:30:00.000Z',
    })
    expect(viewOf('moon')).toBe('all')
  })

  test('keeps to the span that its first page was asked for', () => {
    const asked = { view: 'all', type: '', since: '1h' } as const
    const first = pageQuery(asked, 50, NOW)
    expect(pageQuery(asked, 50, NOW + 9_000, { now: NOW, next: 'c1' })).toEqual({ ...first, cursor: 'c1' })
  })

  test('says what it holds none of', () => {
    expect(emptyWords({ view: 'failed', type: 'job.failed', since: '24h' })).toBe(
      'No failed deliveries of job.failed in the last 24 h.',
    )
  })
})

describe('before many are sent', () => {
  test.each([
    ['recover', 0, false, 'Nothing of that time failed and did not arrive.', 'Send again'],
    ['recover', 1, false, '1 delivery failed and did not arrive.', 'Send 1 again'],
    ['recover', 10_000, true, 'At least 10,000 deliveries failed and did not arrive.', 'Send all again'],
    ['missing', 1, false, '1 fact was never sent.', 'Send 1'],
    ['missing', 412, false, '412 facts were never sent.', 'Send 412'],
    ['missing', 0, false, 'Everything it wants of that time was sent.', 'Send'],
  ] as const)('%s of %i', (kind, matched, capped, words, button) => {
    expect(matchedWords(kind, { matched, capped })).toBe(words)
    expect(goWords(kind, { matched, capped })).toBe(button)
  })

  test('what is not known any more is said to be left out', () => {
    expect(forgottenWords({ forgotten_until: null })).toBe('')
    expect(forgottenWords({ forgotten_until: '2026-11-22T09:30:00.000Z' }, 'UTC')).toMatch(
      /^What was told until .*9:30.* is left out/,
    )
  })

  test('nothing can be, to an endpoint that is off', () => {
    expect(replayReason({ enabled: true })).toBeUndefined()
    expect(replayReason({ enabled: false })).toMatch(/enable it first/)
  })

  test('the time is told to the server', () => {
    expect(sinceOf('3600', NOW)).toBe('2026-11-22T09:30:00.000Z')
  })
})
